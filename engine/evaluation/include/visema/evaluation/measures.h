#pragma once

#include <span>
#include <string>
#include <string_view>

namespace visema {

/// Which way a figure is better. kTarget: the nearer to MeasureInfo::target.
enum class Better { kLower, kHigher, kTarget, kNeither };

/// One measure of `visema eval` (docs/metrics.md).
struct MeasureInfo {
  std::string_view name;  // "sync.offset_frames"; the part before the first point is its group
  std::string_view unit;  // "frames", "px", "dB", "%", "" for a plain number
  Better better = Better::kNeither;
  double target = 0;         // of kTarget
  int decimals = 3;          // to show
  std::string_view summary;  // one line without a full stop
};

/// Every measure, in the order in which reports list them.
std::span<const MeasureInfo> measures();

/// The measure of that name, null when there is none.
const MeasureInfo* find_measure(std::string_view name);

}  // namespace visema
