#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

#include "visema/core/log.h"

namespace visema::cli {

/// What is known of the work under way.
struct ProgressState {
  std::string stage;
  std::int64_t done = 0;
  std::int64_t total = 0;        // 0: not known
  double items_per_second = 0;   // 0: not known yet
  double frames_per_second = 0;  // of the finished picture; 0: not known
};

/// "250 of 1000 frames, 1.32x real time, 0:12 left"
std::string progress_text(const ProgressState& state);
/// The same with a bar before it, of no width without.
std::string progress_bar(const ProgressState& state, int bar_width);
/// What of a text (UTF-8, no controls, each character one column) stands in one line of so many
/// columns; 0: not known, all of it. A longer one would leave its first lines behind when it is
/// replaced.
std::string_view one_line(std::string_view text, int columns);

/// Shows progress and messages on standard error: a bar on a terminal, else a line every few
/// seconds. Any thread.
class Console {
 public:
  enum class Style { kQuiet, kLines, kBar };

  /// frames_per_second of the finished picture, 0 when it is not known.
  Console(Style style, double frames_per_second);
  ~Console();

  void show(std::string_view stage, std::int64_t done, std::int64_t total);
  void message(LogLevel level, std::string_view text);
  /// A text in place of the bar; without a terminal a line when `lines`, else nothing.
  void status(std::string_view text, bool lines);
  /// Takes the bar away, so that other text can follow.
  void clear();

 private:
  using Clock = std::chrono::steady_clock;
  void clear_locked();
  void replace_line(std::string_view text);

  const Style style_;
  std::mutex mutex_;
  ProgressState state_;
  Clock::time_point stage_began_;
  std::int64_t stage_began_at_ = 0;
  Clock::time_point shown_;
  double frames_per_second_;
  bool bar_is_up_ = false;
};

/// A bar when standard error is a terminal.
Console::Style console_style(bool quiet);

}  // namespace visema::cli
