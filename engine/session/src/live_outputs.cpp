#include "live_outputs.h"

#include <algorithm>
#include <thread>

namespace visema::session {
namespace {

using namespace std::chrono_literals;

constexpr auto kPatience = 5s;

bool is_full(const LiveOutputStatistics& statistics, std::size_t room) {
  using State = LiveOutputStatistics::State;
  return statistics.state != State::kLost && statistics.state != State::kEnded &&
         statistics.queued >= room;
}

}  // namespace

LiveOutputs::LiveOutputs(const std::vector<std::string>& targets, const LiveOutputOptions& options)
    : room_(options.queue_frames / 2) {
  for (const std::string& target : targets)
    outputs_.push_back(std::make_unique<LiveOutput>(target, options));
}

void LiveOutputs::push(const LiveFrame& frame) {
  for (auto& output : outputs_) output->push(frame);
}

void LiveOutputs::wait_for_room(const std::function<bool()>& over) const {
  const auto full = [this](const auto& output) { return is_full(output->statistics(), room_); };
  while (!over() && std::any_of(outputs_.begin(), outputs_.end(), full))
    std::this_thread::sleep_for(2ms);
}

/// All at the same time, since each may take its patience.
void LiveOutputs::finish() {
  std::vector<std::jthread> threads;
  for (auto& output : outputs_) threads.emplace_back([&output] { output->finish(kPatience); });
}

std::vector<LiveOutputReport> LiveOutputs::report() const {
  std::vector<LiveOutputReport> reports;
  for (const auto& output : outputs_) reports.push_back({output->target(), output->statistics()});
  return reports;
}

}  // namespace visema::session
