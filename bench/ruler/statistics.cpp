#include "statistics.h"

#include <limits>

namespace visema::ruler {

double area_under_curve(const std::vector<double>& larger, const std::vector<double>& smaller) {
  if (larger.empty() || smaller.empty()) return std::numeric_limits<double>::quiet_NaN();
  double right = 0;
  for (const double a : larger)
    for (const double b : smaller) right += a > b ? 1 : (a == b ? 0.5 : 0);
  return right / static_cast<double>(larger.size() * smaller.size());
}

double mean(const std::vector<double>& values) {
  double sum = 0;
  for (const double v : values) sum += v;
  return values.empty() ? std::numeric_limits<double>::quiet_NaN()
                        : sum / static_cast<double>(values.size());
}

}  // namespace visema::ruler
