#pragma once

#include <vector>

namespace visema::ruler {

/// Share of pairs in which the first side is larger; ties count half. NaN when a side is empty.
double area_under_curve(const std::vector<double>& larger, const std::vector<double>& smaller);
double mean(const std::vector<double>& values);
/// Share of the values for which `holds` holds, in percent.
template <typename Holds>
double percent(const std::vector<double>& values, const Holds& holds) {
  double count = 0;
  for (const double v : values) count += holds(v) ? 1 : 0;
  return values.empty() ? 0 : 100 * count / static_cast<double>(values.size());
}

}  // namespace visema::ruler
