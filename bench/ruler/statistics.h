#pragma once

#include <vector>

namespace visema::ruler {

/// Share of pairs in which the first side is larger; ties count half. NaN when a side is empty.
double area_under_curve(const std::vector<double>& larger, const std::vector<double>& smaller);
double mean(const std::vector<double>& values);

}  // namespace visema::ruler
