#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "media_files.h"
#include "visema/media/live_output.h"

namespace visema::test {

using namespace std::chrono_literals;
using LiveState = LiveOutputStatistics::State;

inline LiveOutputOptions live_options(int rate_hz = 16000) {
  LiveOutputOptions options;
  options.width = 160;
  options.height = 96;
  options.audio_rate_hz = rate_hz;
  options.queue_frames = 1000;  // tests that push as fast as they can lose nothing
  options.preset = "ultrafast";
  return options;
}

/// Picture `index` of numbered_picture with its part of a tone.
inline LiveFrame live_frame(FrameIndex index, const LiveOutputOptions& options) {
  const SampleIndex first = frame_start(index, options.audio_rate_hz, options.fps);
  const SampleIndex end = frame_start(index + 1, options.audio_rate_hz, options.fps);
  return {index,
          std::make_shared<Image>(
              numbered_picture(options.width, options.height, static_cast<int>(index))),
          std::make_shared<AudioBlock>(
              tone(first, end - first, options.audio_rate_hz, options.audio_channels)),
          {}};
}

/// Waits until `condition` holds; false after a limit that only a broken program reaches.
inline bool wait_until(const std::function<bool()>& condition, std::chrono::seconds limit = 60s) {
  const auto end = std::chrono::steady_clock::now() + limit;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(10ms);
  }
  return true;
}

inline bool wait_for_state(const LiveOutput& output, LiveState state) {
  return wait_until([&] { return output.statistics().state == state; });
}

/// Pushes frames at the pace of the stream from a thread of its own until it goes.
class LiveSource {
 public:
  LiveSource(std::vector<LiveOutput*> outputs, const LiveOutputOptions& options)
      : thread_([this, outputs = std::move(outputs), options](const std::stop_token& stop) {
          const auto begin = std::chrono::steady_clock::now();
          for (FrameIndex i = 0; !stop.stop_requested(); ++i) {
            const LiveFrame frame = live_frame(i, options);
            for (LiveOutput* output : outputs) push(*output, frame);
            std::this_thread::sleep_until(
                begin + std::chrono::duration_cast<std::chrono::nanoseconds>(
                            std::chrono::duration<double>((i + 1) / options.fps.value())));
          }
        }) {}

  /// Frames pushed so far.
  FrameIndex count() const { return count_; }
  std::chrono::nanoseconds longest_push() const { return std::chrono::nanoseconds(longest_); }
  void stop() {
    thread_.request_stop();
    if (thread_.joinable()) thread_.join();
  }

 private:
  void push(LiveOutput& output, const LiveFrame& frame) {
    const auto begin = std::chrono::steady_clock::now();
    output.push(frame);
    const auto took = std::chrono::steady_clock::now() - begin;
    longest_ = std::max<std::int64_t>(longest_, std::chrono::nanoseconds(took).count());
    count_ = frame.index + 1;
  }

  std::atomic<FrameIndex> count_{0};
  std::atomic<std::int64_t> longest_{0};
  std::jthread thread_;
};

}  // namespace visema::test
