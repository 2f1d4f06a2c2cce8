#pragma once

#include <chrono>
#include <cstdint>

namespace visema::batch {

/// Milliseconds since 1970, as ledgers note them.
inline std::int64_t now_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

}  // namespace visema::batch
