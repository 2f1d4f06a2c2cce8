#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "visema/pipeline/runner_nodes.h"

/// The parts of Chain::lanes; not for direct use.
namespace visema::pipeline_detail {

/// One lane: a queue, a thread and a stage. What one item becomes leaves together.
template <typename In, typename Out, typename S>
class LaneNode final : public LinkBase, public Consumer<In> {
 public:
  LaneNode(std::string name, S& stage) : LinkBase(std::move(name)), stage_(stage) {
    LaneNode::reset();
  }

  void reset() override {
    in_ = std::make_unique<BoundedQueue<In>>(1, Overflow::kBlock);
    out_ = std::make_unique<BoundedQueue<std::vector<Out>>>(1, Overflow::kBlock);
    watch_.reset();
    items_ = 0;
    stage_.reset();
  }
  void take(In item) override {
    if (in_->push(std::move(item)) == PushResult::kStopped) throw Cancelled();
  }
  void end() override { in_->close(); }
  void run() override {
    while (auto item = in_->pop()) {
      ++items_;
      give([&](const Emit<Out>& emit) { stage_.process(std::move(*item), emit); });
    }
    if (in_->cancelled()) throw Cancelled();
    give([&](const Emit<Out>& emit) { stage_.finish(emit); });
    out_->close();
  }
  void cancel() override {
    in_->cancel();
    out_->cancel();
  }
  QueueStatistics statistics() const override { return in_->statistics(); }

  BoundedQueue<std::vector<Out>>& out() { return *out_; }
  double seconds() const { return watch_.seconds(); }
  std::int64_t items() const { return items_; }

 private:
  template <typename Work>
  void give(Work&& work) {
    std::vector<Out> made;
    timed(watch_, [&] { work([&](Out item) { made.push_back(std::move(item)); }); });
    if (out_->push(std::move(made)) == PushResult::kStopped) throw Cancelled();
  }

  S& stage_;
  std::unique_ptr<BoundedQueue<In>> in_;
  std::unique_ptr<BoundedQueue<std::vector<Out>>> out_;
  Stopwatch watch_;
  std::int64_t items_ = 0;
};

/// Hands items to the lanes in turn; its figures are theirs together.
template <typename In, typename Out, typename S>
class LanesNode final : public Step, public Consumer<In> {
 public:
  using Lanes = std::vector<LaneNode<In, Out, S>*>;
  LanesNode(std::string name, Lanes lanes) : Step(std::move(name)), lanes_(std::move(lanes)) {}

  void reset() override {
    Step::reset();
    turn_ = 0;
  }
  void take(In item) override {
    lanes_[turn_]->take(std::move(item));
    turn_ = (turn_ + 1) % lanes_.size();
  }
  void end() override {
    for (auto* lane : lanes_) lane->end();
  }
  double seconds() const override {
    double sum = 0;
    for (const auto* lane : lanes_) sum += lane->seconds();
    return sum;
  }
  std::int64_t items() const override {
    std::int64_t sum = 0;
    for (const auto* lane : lanes_) sum += lane->items();
    return sum;
  }

 private:
  Lanes lanes_;
  std::size_t turn_ = 0;
};

/// Takes from the lanes in the same turn, so that the order of the input is kept.
template <typename In, typename Out, typename S>
class MergeNode final : public LinkBase, public Producer<Out> {
 public:
  using Lanes = std::vector<LaneNode<In, Out, S>*>;
  MergeNode(std::string name, Lanes lanes) : LinkBase(std::move(name)), lanes_(std::move(lanes)) {}

  void reset() override {}
  void run() override {
    for (std::size_t turn = 0, dry = 0; dry < lanes_.size(); ++turn) {
      auto made = lanes_[turn % lanes_.size()]->out().pop();
      dry = made ? 0 : dry + 1;
      if (!made) continue;
      for (Out& item : *made) this->next->take(std::move(item));
    }
    for (auto* lane : lanes_)
      if (lane->out().cancelled()) throw Cancelled();
    this->next->end();
  }
  void cancel() override {}
  /// Of the queues before the lanes.
  QueueStatistics statistics() const override {
    QueueStatistics all;
    for (const auto* lane : lanes_) {
      const QueueStatistics one = lane->statistics();
      all.accepted += one.accepted;
      all.high_water += one.high_water;
    }
    return all;
  }

 private:
  Lanes lanes_;
};

}  // namespace visema::pipeline_detail
