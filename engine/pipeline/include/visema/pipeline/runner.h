#pragma once

#include <cassert>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "visema/pipeline/runner_lanes.h"
#include "visema/pipeline/runner_nodes.h"
#include "visema/pipeline/stage.h"
#include "visema/pipeline/statistics.h"

namespace visema {

/// The way from one step to the next: a call, or a bounded queue and a thread of its own.
struct Link {
  bool threaded = false;
  std::size_t capacity = 1;
  Overflow overflow = Overflow::kBlock;
  std::function<void()> begin{};  // in the thread, before its first item; the source does not wait

  static Link direct() { return {}; }
  static Link queue(std::size_t capacity, Overflow overflow = Overflow::kBlock,
                    std::function<void()> begin = {}) {
    return {true, capacity, overflow, std::move(begin)};
  }
};

class Runner;

/// The open end of a chain whose last step makes items of type T.
template <typename T>
class Chain {
 public:
  /// Adds a stage, which must outlive the runner's last run.
  template <typename Out, typename S>
  requires Stage<S, T, Out> Chain<Out> stage(std::string name, S& stage,
                                             Link link = Link::direct());

  /// Adds stages that do the same, each with a thread of its own, for work that needs no item but
  /// its own: item i goes to stage i % stages.size(), and the order is kept. Neither empty nor
  /// moved before the runner's last run.
  template <typename Out, typename S>
  requires Stage<S, T, Out> Chain<Out> lanes(const std::string& name, std::vector<S>& stages);

  /// Ends the chain. `finish` is called once after the last item, not when the run fails.
  void sink(std::string name, std::function<void(T)> take, Link link = Link::direct(),
            std::function<void()> finish = {});

 private:
  friend class Runner;
  template <typename U>
  friend class Chain;
  Chain(Runner& runner, pipeline_detail::Producer<T>& producer)
      : runner_(runner), producer_(producer) {}
  void connect(pipeline_detail::Consumer<T>& consumer, const std::string& name, Link link);

  Runner& runner_;
  pipeline_detail::Producer<T>& producer_;
};

/// Runs a source, stages and a sink:
///
///     Runner runner;
///     runner.source<AudioBlock>("decode", [&](std::stop_token) { return decoder.next(); })
///         .stage<FaceMotion>("speech", speech)
///         .stage<VideoFrame>("render", renderer, Link::queue(8))
///         .sink("encode", [&](VideoFrame frame) { encoder.add(frame); }, Link::queue(4));
///     runner.run();
///
/// run() uses the calling thread up to the first queue and one thread, named after the step, behind
/// each queue. The first exception cancels all queues; run() joins all threads, then rethrows it.
/// A requested stop ends the source as if it were exhausted: what is under way is still delivered.
class Runner {
 public:
  Runner() = default;
  Runner(const Runner&) = delete;
  Runner& operator=(const Runner&) = delete;

  /// `next` is called until it returns nothing or a stop is requested.
  template <typename T>
  Chain<T> source(std::string name, std::function<std::optional<T>(std::stop_token)> next) {
    assert(!source_ && "one source a runner");
    auto node = std::make_unique<pipeline_detail::SourceNode<T>>(std::move(name), std::move(next));
    auto& reference = *node;
    source_ = node.get();
    steps_.push_back(std::move(node));
    return Chain<T>(*this, reference);
  }

  /// Resets every stage and queue, then runs to the end. May be called again after it returns.
  void run(std::stop_token stop = {});

  /// Of the last run, in the order of the chain; complete once run() has returned or thrown.
  std::vector<StageStatistics> statistics() const;

 private:
  template <typename T>
  friend class Chain;

  pipeline_detail::SourceBase* source_ = nullptr;
  std::vector<std::unique_ptr<pipeline_detail::Step>> steps_;      // source, stages, sink
  std::vector<std::unique_ptr<pipeline_detail::LinkBase>> links_;  // the threaded ones
  std::vector<pipeline_detail::LinkBase*> link_before_;            // of each step, or null
};

template <typename T>
void Chain<T>::connect(pipeline_detail::Consumer<T>& consumer, const std::string& name, Link link) {
  runner_.link_before_.resize(runner_.steps_.size());
  if (!link.threaded) {
    producer_.next = &consumer;
    return;
  }
  auto node = std::make_unique<pipeline_detail::LinkNode<T>>(name, link.capacity, link.overflow,
                                                             consumer, std::move(link.begin));
  producer_.next = node.get();
  runner_.link_before_.back() = node.get();
  runner_.links_.push_back(std::move(node));
}

template <typename T>
template <typename Out, typename S>
requires Stage<S, T, Out> Chain<Out> Chain<T>::stage(std::string name, S& stage, Link link) {
  auto node = std::make_unique<pipeline_detail::StageNode<T, Out, S>>(name, stage);
  auto& reference = *node;
  runner_.steps_.push_back(std::move(node));
  connect(reference, name, std::move(link));
  return Chain<Out>(runner_, reference);
}

template <typename T>
template <typename Out, typename S>
requires Stage<S, T, Out> Chain<Out> Chain<T>::lanes(const std::string& name,
                                                     std::vector<S>& stages) {
  assert(!stages.empty());
  std::vector<pipeline_detail::LaneNode<T, Out, S>*> lanes;
  for (S& stage : stages) {
    auto lane = std::make_unique<pipeline_detail::LaneNode<T, Out, S>>(name, stage);
    lanes.push_back(lane.get());
    runner_.links_.push_back(std::move(lane));
  }
  auto node = std::make_unique<pipeline_detail::LanesNode<T, Out, S>>(name, lanes);
  producer_.next = node.get();
  runner_.steps_.push_back(std::move(node));
  auto merge = std::make_unique<pipeline_detail::MergeNode<T, Out, S>>(name + "-merge", lanes);
  auto& reference = *merge;
  runner_.link_before_.resize(runner_.steps_.size());
  runner_.link_before_.back() = merge.get();
  runner_.links_.push_back(std::move(merge));
  return Chain<Out>(runner_, reference);
}

template <typename T>
void Chain<T>::sink(std::string name, std::function<void(T)> take, Link link,
                    std::function<void()> finish) {
  auto node =
      std::make_unique<pipeline_detail::SinkNode<T>>(name, std::move(take), std::move(finish));
  auto& reference = *node;
  runner_.steps_.push_back(std::move(node));
  connect(reference, name, std::move(link));
}

}  // namespace visema
