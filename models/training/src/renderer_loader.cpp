#include "renderer_loader.h"

#include <algorithm>
#include <utility>

namespace visema::training {

RendererLoader::RendererLoader(const RendererSampler& sampler, std::int64_t batch,
                               std::uint64_t seed, std::uint64_t first, int threads)
    : sampler_(sampler),
      batch_(batch),
      seed_(seed),
      ahead_(static_cast<std::size_t>(threads) + 3),
      number_(first) {
  for (int i = 0; i < threads; ++i) threads_.emplace_back(&RendererLoader::work, this);
}

RendererLoader::~RendererLoader() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  changed_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

RendererBatch RendererLoader::make(std::uint64_t number) const {
  Random random(seed_, number);
  RendererBatch batch;
  batch.count = batch_;
  for (std::int64_t i = 0; i < batch_; ++i) {
    const RendererSample sample = sampler_.make(sampler_.choose(random), Augment::kYes, random);
    batch.planes.insert(batch.planes.end(), sample.planes.begin(), sample.planes.end());
    batch.target.insert(batch.target.end(), sample.target.begin(), sample.target.end());
  }
  return batch;
}

void RendererLoader::work() {
  try {
    while (true) {
      {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return stopped_ || failure_ || ready_.size() < ahead_; });
        if (stopped_ || failure_) return;
      }
      RendererBatch batch = make(number_++);
      {
        const std::lock_guard lock(mutex_);
        ready_.push_back(std::move(batch));
      }
      changed_.notify_all();
    }
  } catch (...) {
    const std::lock_guard lock(mutex_);
    failure_ = std::current_exception();
    changed_.notify_all();
  }
}

RendererBatch RendererLoader::next() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return failure_ || !ready_.empty(); });
  if (failure_) std::rethrow_exception(failure_);
  RendererBatch batch = std::move(ready_.front());
  ready_.pop_front();
  lock.unlock();
  changed_.notify_all();
  return batch;
}

}  // namespace visema::training
