#pragma once

#include <cmath>
#include <vector>

namespace visema::training {

inline double mean_of(const std::vector<double>& x) {
  double sum = 0;
  for (const double v : x) sum += v;
  return sum / static_cast<double>(x.size());
}

inline double covariance(const std::vector<double>& x, const std::vector<double>& y) {
  const double mx = mean_of(x);
  const double my = mean_of(y);
  double sum = 0;
  for (std::size_t i = 0; i < x.size(); ++i) sum += (x[i] - mx) * (y[i] - my);
  return sum / static_cast<double>(x.size());
}

/// Pearson's r; 0 where one of them does not move.
inline double correlation(const std::vector<double>& x, const std::vector<double>& y) {
  const double energy = covariance(x, x) * covariance(y, y);
  return energy > 1e-16 ? covariance(x, y) / std::sqrt(energy) : 0;
}

}  // namespace visema::training
