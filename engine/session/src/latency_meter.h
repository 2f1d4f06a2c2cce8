#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <mutex>

namespace visema::session {

struct LatencyFigures {
  std::int64_t count = 0;
  double sum_ms = 0;
  double p50_ms = 0;
  double p95_ms = 0;
  double p99_ms = 0;
  double most_ms = 0;
};

/// Percentiles of a latency to a millisecond, in memory that does not grow. Any thread.
class LatencyMeter {
 public:
  void add(std::chrono::duration<double, std::milli> latency);
  LatencyFigures figures() const;

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
