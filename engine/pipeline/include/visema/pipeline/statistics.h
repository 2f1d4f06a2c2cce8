#pragma once

#include <cstdint>
#include <string>

namespace visema {

/// What one step of a run has done.
struct StageStatistics {
  std::string name;
  double seconds = 0;                // in the step itself, without waiting and without what follows
  std::int64_t items = 0;            // produced by a source, taken in by the others
  std::size_t queue_high_water = 0;  // of the queue before it; 0 where there is none
  std::int64_t queue_dropped = 0;
};

}  // namespace visema
