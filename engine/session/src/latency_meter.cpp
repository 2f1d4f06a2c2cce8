#include "latency_meter.h"

#include <algorithm>
#include <cmath>

namespace visema::session {

void LatencyMeter::add(std::chrono::duration<double, std::milli> latency) {
  const double ms = std::max(0.0, latency.count());
  const std::lock_guard lock(mutex_);
  ++buckets_[std::min(kBuckets - 1, static_cast<std::size_t>(ms))];
  ++count_;
  sum_ms_ += ms;
  most_ms_ = std::max(most_ms_, ms);
}

LiveLatency LatencyMeter::figures() const {
  const std::lock_guard lock(mutex_);
  return {count_, sum_ms_, percentile(0.5), percentile(0.95), percentile(0.99), most_ms_};
}

/// Upper edge of the bucket that holds it.
double LatencyMeter::percentile(double share) const {
  const auto rank = static_cast<std::int64_t>(std::ceil(share * static_cast<double>(count_)));
  std::int64_t seen = 0;
  for (std::size_t i = 0; i < kBuckets && count_ > 0; ++i) {
    seen += buckets_[i];
    if (seen >= rank) return std::min(most_ms_, static_cast<double>(i + 1));
  }
  return 0;
}

}  // namespace visema::session
