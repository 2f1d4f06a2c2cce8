#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <future>
#include <utility>

namespace visema::training {

/// Batches made ahead by other threads, in order: sampler.draw(step, count) for step = first,
/// first + 1, ... The sampler must outlive it and allow draws by several threads.
template <typename Sampler>
class Prefetch {
 public:
  using Samples = decltype(std::declval<const Sampler&>().draw(0, 0));

  Prefetch(const Sampler& sampler, std::int64_t first, std::int64_t count, std::size_t depth)
      : sampler_(sampler), next_(first), count_(count), depth_(depth) {
    fill();
  }

  Samples take() {
    Samples samples = waiting_.front().get();
    waiting_.pop_front();
    fill();
    return samples;
  }

 private:
  void fill() {
    while (waiting_.size() < depth_)
      waiting_.push_back(std::async(
          std::launch::async, [this, step = next_++] { return sampler_.draw(step, count_); }));
  }

  const Sampler& sampler_;
  std::int64_t next_;
  std::int64_t count_;
  std::size_t depth_;
  std::deque<std::future<Samples>> waiting_;
};

}  // namespace visema::training
