#include "visema/evaluation/curve_correlation.h"

#include <algorithm>
#include <cmath>

namespace visema {
namespace {

constexpr double kLeastSeconds = 0.5;
constexpr double kStill = 1e-12;  // variance of a curve that says nothing

}  // namespace

std::optional<double> shifted_correlation(const Curve& a, const Curve& b, double shift_s) {
  double n = 0, sum_a = 0, sum_b = 0, aa = 0, bb = 0, ab = 0, first = 0, last = 0;
  for (std::size_t i = 0; i < a.time_s.size(); ++i) {
    const double t = a.time_s[i] + shift_s;
    const auto after = std::upper_bound(b.time_s.begin(), b.time_s.end(), static_cast<float>(t));
    if (after == b.time_s.begin() || after == b.time_s.end()) continue;
    const auto j = static_cast<std::size_t>(after - b.time_s.begin());
    const double part = (t - b.time_s[j - 1]) / (b.time_s[j] - b.time_s[j - 1]);
    const double y = b.value[j - 1] + part * (b.value[j] - b.value[j - 1]);
    const double x = a.value[i];
    if (n == 0) first = t;
    last = t;
    n += 1;
    sum_a += x;
    sum_b += y;
    aa += x * x;
    bb += y * y;
    ab += x * y;
  }
  if (n < 3 || last - first < kLeastSeconds) return std::nullopt;
  const double var_a = aa / n - sum_a * sum_a / (n * n);
  const double var_b = bb / n - sum_b * sum_b / (n * n);
  if (var_a < kStill || var_b < kStill) return std::nullopt;
  return (ab / n - sum_a * sum_b / (n * n)) / std::sqrt(var_a * var_b);
}

}  // namespace visema
