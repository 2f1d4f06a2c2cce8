#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <stop_token>
#include <string>
#include <vector>

#include "visema/core/log.h"
#include "visema/media/live_output.h"
#include "visema/session/render.h"

namespace visema::session {

enum class LivePace {
  kRealTime,
  kOff,  // as fast as it goes: everything waits, nothing is dropped or repeated
};

/// What the threads of a run in real time run before, as far as the system lets them
/// (docs/live.md).
enum class LivePriority {
  kAuto,      // as kRealTime, unless the program was put behind others (nice, chrt)
  kNormal,    // nothing
  kRealTime,  // all that is not real time, else others by a lower nice value, else nothing
};

struct LiveOptions : PresenterOptions {
  std::string input = "queue";       // where the sound comes from (docs/live.md)
  std::vector<std::string> outputs;  // targets of LiveOutput
  std::string control;               // socket for commands (docs/control.md); empty: none
  std::string metrics;               // HOST:PORT for Prometheus; empty: none
  LivePace pace = LivePace::kRealTime;
  LivePriority priority = LivePriority::kAuto;
  double duration_s = 0;  // 0: until the input ends or it is told to stop
  int render_ms = 0;      // that a picture may take, adds to the delay; 0: measured at the start
  int sound_rate_hz = 0;  // of the outputs; 0: the input's
  std::string preset;     // of the picture's encoder; empty: default
  std::int64_t bitrate = 0;
};

struct LiveLatency {
  std::int64_t count = 0;
  double sum_ms = 0;
  double p50_ms = 0;
  double p95_ms = 0;
  double p99_ms = 0;
  double most_ms = 0;
};

struct LiveOutputReport {
  std::string target;
  LiveOutputStatistics statistics;
};

/// Where a live run stands, or how it ended (docs/live.md).
struct LiveReport {
  std::int64_t frames = 0;    // that left, each with its sound
  std::int64_t rendered = 0;  // pictures that were made
  std::int64_t repeated = 0;  // frames that left with the picture of the frame before
  std::int64_t late = 0;      // frames that left with a new picture that belongs to an older frame
  std::int64_t dropped = 0;   // pictures that were left out, or made and not shown
  double seconds = 0;         // of picture and sound that left
  double wall_seconds = 0;
  std::int64_t gaps = 0;      // times that the input ran dry and silence was heard
  double silent_seconds = 0;  // for which nothing was there to hear
  std::size_t utterances_waiting = 0;
  double buffered_seconds = 0;  // of the input, read and not yet heard
  double left_out_seconds = 0;  // of the input's pauses, after it had stalled and caught up
  std::size_t pictures_waiting = 0;
  bool speaking = false;
  bool paused = false;
  std::int64_t connections = 0;  // of the input
  std::string input_problem;
  /// speech, render: the stages; needed: from hearing the last sample that a frame needs until it
  /// leaves; delay: from its first sample; offset: of a frame's picture behind its sound; closing:
  /// from `stop` to the first picture with a closing mouth.
  std::map<std::string, LiveLatency> latencies;
  std::vector<LiveOutputReport> outputs;
  /// "realtime", "raised" or "normal", of the threads that keep time and of the one that paints;
  /// empty while nothing was asked for.
  std::string sound_priority;
  std::string picture_priority;
  std::string priority_refusal;  // why they got no more; empty: nothing was refused
  int width = 0;
  int height = 0;
  Rational fps;
  int sound_rate_hz = 0;
  int sound_channels = 0;
  std::string device;
  std::string precision;
  int threads = 0;
  std::int64_t peak_rss_bytes = 0;
  bool interrupted = false;
};

std::string to_json(const LiveReport& report);
/// One line for a terminal.
std::string status_line(const LiveReport& report);

/// Everything that is wrong with the options; nothing is opened.
std::vector<std::string> live_problems(const LiveOptions& options);

/// Called once a second, from a thread of its own.
using LiveStatusSink = std::function<void(const LiveReport&)>;

/// Speaks what comes in, with the face of the source or avatar, to all outputs, until the input
/// ends (without a control socket), the duration is over, `shutdown` comes, or a stop is requested
/// (report.interrupted). Throws Error.
LiveReport live(const LiveOptions& options, const ProgressSink& progress = {},
                const LogSink& log = {}, const LiveStatusSink& status = {},
                std::stop_token stop = {});

}  // namespace visema::session
