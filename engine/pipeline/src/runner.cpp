#include "visema/pipeline/runner.h"

#include <cassert>
#include <exception>
#include <mutex>
#include <thread>

#include "visema/pipeline/thread_name.h"

namespace visema {
namespace {

using pipeline_detail::Cancelled;

/// Keeps the first exception of several threads.
class FirstError {
 public:
  void keep(std::exception_ptr error) {
    const std::lock_guard lock(mutex_);
    if (!error_) error_ = std::move(error);
  }
  void rethrow() const {
    const std::lock_guard lock(mutex_);
    if (error_) std::rethrow_exception(error_);
  }

 private:
  mutable std::mutex mutex_;
  std::exception_ptr error_;
};

}  // namespace

void Runner::run(std::stop_token stop) {
  assert(source_ && link_before_.size() == steps_.size() && "the chain has no sink");
  for (auto& step : steps_) step->reset();
  for (auto& link : links_) link->reset();

  FirstError error;
  const auto guarded = [&](auto&& work) {
    try {
      work();
    } catch (const Cancelled&) {
      // Another thread failed and has been heard.
    } catch (...) {
      error.keep(std::current_exception());
      for (auto& link : links_) link->cancel();
    }
  };
  {
    std::vector<std::jthread> threads;
    guarded([&] {
      for (auto& link : links_)
        threads.emplace_back([&guarded, &link] {
          name_this_thread(link->name());
          guarded([&] { link->run(); });
        });
      source_->run(stop);
    });
  }  // joins
  error.rethrow();
}

std::vector<StageStatistics> Runner::statistics() const {
  std::vector<StageStatistics> all;
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    StageStatistics statistics;
    statistics.name = steps_[i]->name();
    statistics.seconds = steps_[i]->seconds();
    statistics.items = steps_[i]->items();
    if (i < link_before_.size() && link_before_[i]) {
      const QueueStatistics queue = link_before_[i]->statistics();
      statistics.queue_high_water = queue.high_water;
      statistics.queue_dropped = queue.dropped_oldest + queue.dropped_newest;
    }
    all.push_back(std::move(statistics));
  }
  return all;
}

}  // namespace visema
