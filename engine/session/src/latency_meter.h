#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <mutex>

#include "visema/session/live.h"

namespace visema::session {

/// Percentiles of a latency to a millisecond, in memory that does not grow. Any thread.
class LatencyMeter {
 public:
  void add(std::chrono::duration<double, std::milli> latency);
  LiveLatency figures() const;

 private:
  static constexpr std::size_t kBuckets = 2000;  // of 1 ms; the last one takes what is longer

  double percentile(double share) const;

  mutable std::mutex mutex_;
  std::array<std::int64_t, kBuckets> buckets_{};
  std::int64_t count_ = 0;
  double sum_ms_ = 0;
  double most_ms_ = 0;
};

}  // namespace visema::session
