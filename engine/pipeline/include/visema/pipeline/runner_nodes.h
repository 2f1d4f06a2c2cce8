#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>

#include "visema/pipeline/bounded_queue.h"
#include "visema/pipeline/stage.h"

/// The parts that Runner is made of; not for direct use.
namespace visema::pipeline_detail {

/// Unwinds a step whose successor has been cancelled.
struct Cancelled {};

template <typename T>
class Consumer {
 public:
  virtual void take(T item) = 0;
  virtual void end() = 0;

 protected:
  ~Consumer() = default;
};

template <typename T>
struct Producer {
  Consumer<T>* next = nullptr;
};

/// Adds up the time of one step; only its own thread uses it.
class Stopwatch {
 public:
  void start() { begin_ = Clock::now(); }
  void stop() { total_ += Clock::now() - begin_; }
  void reset() { total_ = {}; }
  double seconds() const { return std::chrono::duration<double>(total_).count(); }

 private:
  using Clock = std::chrono::steady_clock;
  Clock::time_point begin_;
  Clock::duration total_{};
};

/// Runs `work` on the watch.
template <typename Work>
decltype(auto) timed(Stopwatch& watch, Work&& work) {
  struct Guard {
    explicit Guard(Stopwatch& w) : watch(w) { watch.start(); }
    ~Guard() { watch.stop(); }
    Stopwatch& watch;
  } const guard(watch);
  return std::forward<Work>(work)();
}

/// Runs `work`, which belongs to another step, off the watch.
template <typename Work>
void untimed(Stopwatch& watch, Work&& work) {
  struct Guard {
    explicit Guard(Stopwatch& w) : watch(w) { watch.stop(); }
    ~Guard() { watch.start(); }
    Stopwatch& watch;
  } const guard(watch);
  std::forward<Work>(work)();
}

class Step {
 public:
  explicit Step(std::string name) : name_(std::move(name)) {}
  virtual ~Step() = default;
  virtual void reset() {
    watch_.reset();
    items_ = 0;
  }
  const std::string& name() const { return name_; }
  virtual double seconds() const { return watch_.seconds(); }
  virtual std::int64_t items() const { return items_; }

 protected:
  std::string name_;
  Stopwatch watch_;
  std::int64_t items_ = 0;
};

class SourceBase : public Step {
 public:
  using Step::Step;
  virtual void run(const std::stop_token& stop) = 0;
};

template <typename T>
class SourceNode final : public SourceBase, public Producer<T> {
 public:
  using Next = std::function<std::optional<T>(std::stop_token)>;
  SourceNode(std::string name, Next next)
      : SourceBase(std::move(name)), next_item_(std::move(next)) {}

  void run(const std::stop_token& stop) override {
    while (!stop.stop_requested()) {
      auto item = timed(watch_, [&] { return next_item_(stop); });
      if (!item) break;
      ++items_;
      this->next->take(std::move(*item));
    }
    this->next->end();
  }

 private:
  Next next_item_;
};

template <typename In, typename Out, typename S>
class StageNode final : public Step, public Consumer<In>, public Producer<Out> {
 public:
  StageNode(std::string name, S& stage) : Step(std::move(name)), stage_(stage) {}

  void reset() override {
    Step::reset();
    stage_.reset();
  }
  void take(In item) override {
    ++items_;
    timed(watch_, [&] { stage_.process(std::move(item), emit_); });
  }
  void end() override {
    timed(watch_, [&] { stage_.finish(emit_); });
    this->next->end();
  }

 private:
  S& stage_;
  const Emit<Out> emit_ = [this](Out item) {
    untimed(watch_, [&] { this->next->take(std::move(item)); });
  };
};

template <typename T>
class SinkNode final : public Step, public Consumer<T> {
 public:
  SinkNode(std::string name, std::function<void(T)> take, std::function<void()> finish)
      : Step(std::move(name)), take_(std::move(take)), finish_(std::move(finish)) {}

  void take(T item) override {
    ++items_;
    timed(watch_, [&] { take_(std::move(item)); });
  }
  void end() override {
    if (finish_) timed(watch_, finish_);
  }

 private:
  std::function<void(T)> take_;
  std::function<void()> finish_;
};

class LinkBase {
 public:
  explicit LinkBase(std::string name) : name_(std::move(name)) {}
  virtual ~LinkBase() = default;
  virtual void reset() = 0;
  /// The work of the link's thread, until the queue is closed and empty, or cancelled.
  virtual void run() = 0;
  virtual void cancel() = 0;
  virtual QueueStatistics statistics() const = 0;
  const std::string& name() const { return name_; }

 private:
  std::string name_;
};

template <typename T>
class LinkNode final : public LinkBase, public Consumer<T> {
 public:
  LinkNode(std::string name, std::size_t capacity, Overflow overflow, Consumer<T>& next,
           std::function<void()> begin)
      : LinkBase(std::move(name)),
        capacity_(capacity),
        overflow_(overflow),
        next_(next),
        begin_(std::move(begin)) {
    LinkNode::reset();
  }

  void reset() override { queue_ = std::make_unique<BoundedQueue<T>>(capacity_, overflow_); }
  void take(T item) override {
    if (queue_->push(std::move(item)) == PushResult::kStopped) throw Cancelled();
  }
  void end() override { queue_->close(); }
  void run() override {
    if (begin_) begin_();
    while (auto item = queue_->pop()) next_.take(std::move(*item));
    if (queue_->cancelled()) throw Cancelled();
    next_.end();
  }
  void cancel() override { queue_->cancel(); }
  QueueStatistics statistics() const override { return queue_->statistics(); }

 private:
  const std::size_t capacity_;
  const Overflow overflow_;
  Consumer<T>& next_;
  const std::function<void()> begin_;
  std::unique_ptr<BoundedQueue<T>> queue_;
};

}  // namespace visema::pipeline_detail
