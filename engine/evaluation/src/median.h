#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

namespace visema {

/// The middle value, of an even count the larger of the two in the middle. At least one value.
template <typename T>
T median(std::vector<T> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

}  // namespace visema
