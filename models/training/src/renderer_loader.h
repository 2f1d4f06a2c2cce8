#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

#include "renderer_batch.h"
#include "renderer_samples.h"

namespace visema::training {

/// Makes training batches on threads of its own, at most a few ahead. Batch number k depends on the
/// seed and k alone.
class RendererLoader {
 public:
  RendererLoader(const RendererSampler& sampler, std::int64_t batch, std::uint64_t seed,
                 std::uint64_t first, int threads);
  ~RendererLoader();
  RendererLoader(const RendererLoader&) = delete;
  RendererLoader& operator=(const RendererLoader&) = delete;

  /// Waits for the next batch; rethrows what ended a thread.
  RendererBatch next();

 private:
  void work();
  RendererBatch make(std::uint64_t number) const;

  const RendererSampler& sampler_;
  const std::int64_t batch_;
  const std::uint64_t seed_;
  const std::size_t ahead_;
  std::atomic<std::uint64_t> number_;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<RendererBatch> ready_;
  std::exception_ptr failure_;
  bool stopped_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace visema::training
