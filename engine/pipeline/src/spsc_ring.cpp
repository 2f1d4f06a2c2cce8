#include "visema/pipeline/spsc_ring.h"

#include <algorithm>
#include <bit>

namespace visema {

SpscRing::SpscRing(std::size_t capacity)
    : samples_(std::bit_ceil(std::max<std::size_t>(capacity, 1))) {}

void SpscRing::write(std::span<const float> samples) {
  const std::size_t mask = samples_.size() - 1;
  std::uint64_t position = written_.load(std::memory_order_relaxed);
  // What the consumer has read may be overwritten.
  const std::uint64_t limit = read_.load(std::memory_order_acquire) + samples_.size();
  for (; gap_ > 0 && position < limit; --gap_) samples_[position++ & mask] = 0;

  const auto room = gap_ > 0 ? 0 : static_cast<std::size_t>(limit - position);
  const std::size_t fits = std::min(room, samples.size());
  for (std::size_t i = 0; i < fits; ++i) samples_[position++ & mask] = samples[i];
  if (const auto lost = static_cast<std::int64_t>(samples.size() - fits); lost > 0) {
    gap_ += lost;
    lost_.fetch_add(lost, std::memory_order_relaxed);
  }
  written_.store(position, std::memory_order_release);
}

std::size_t SpscRing::read(std::span<float> out) {
  const std::size_t mask = samples_.size() - 1;
  std::uint64_t position = read_.load(std::memory_order_relaxed);
  const std::uint64_t end = written_.load(std::memory_order_acquire);
  const auto count = std::min<std::size_t>(out.size(), static_cast<std::size_t>(end - position));
  for (std::size_t i = 0; i < count; ++i) out[i] = samples_[position++ & mask];
  read_.store(position, std::memory_order_release);
  return count;
}

std::size_t SpscRing::available() const {
  // The consumer's position first: the producer's can only be ahead of it.
  const std::uint64_t begin = read_.load(std::memory_order_acquire);
  return static_cast<std::size_t>(written_.load(std::memory_order_acquire) - begin);
}

}  // namespace visema
