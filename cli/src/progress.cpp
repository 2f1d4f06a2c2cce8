#include "progress.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace visema::cli {
namespace {

using namespace std::chrono_literals;

constexpr auto kBarInterval = 100ms;
constexpr auto kLineInterval = 5s;
constexpr int kBarWidth = 24;

std::string with_format(const char* format, double value) {
  char buffer[64];
  std::snprintf(buffer, sizeof buffer, format, value);
  return buffer;
}

/// 7 as "0:07", 3725 as "1:02:05".
std::string clock_text(double seconds) {
  const auto whole = static_cast<std::int64_t>(std::llround(seconds));
  char buffer[64];
  if (whole >= 3600)
    std::snprintf(buffer, sizeof buffer, "%lld:%02lld:%02lld", static_cast<long long>(whole / 3600),
                  static_cast<long long>(whole / 60 % 60), static_cast<long long>(whole % 60));
  else
    std::snprintf(buffer, sizeof buffer, "%lld:%02lld", static_cast<long long>(whole / 60),
                  static_cast<long long>(whole % 60));
  return buffer;
}

/// Columns of the terminal on standard error, asked anew each time since it may be resized; 0: not
/// known.
int terminal_columns() {
  winsize size{};
  return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

bool counts_clips(const ProgressState& state) {
  return state.stage == "prepare" || state.stage == "pack";
}

std::string count_text(const ProgressState& state) {
  if (state.stage == "batch") {  // counts milliseconds of sound
    const char* format = state.total < 10000 ? "%.1f" : "%.0f";
    return with_format(format, static_cast<double>(state.done) / 1000) + " of " +
           with_format(format, static_cast<double>(state.total) / 1000) + " s of sound";
  }
  if (state.stage == "adapt")  // counts parts of what it is given
    return std::to_string(state.total > 0 ? 100 * state.done / state.total : 0) + " %";
  const char* items = counts_clips(state)       ? " clips"
                      : state.stage == "verify" ? " jobs"
                                                : " frames";
  std::string text = std::to_string(state.done);
  if (state.total > 0) text += " of " + std::to_string(state.total);
  return text + items;
}

/// Pictures for the output have a length in time; what is read or tracked has a speed only.
std::string speed_text(const ProgressState& state) {
  if (state.items_per_second <= 0 || state.stage == "adapt") return {};
  if (state.stage == "batch")
    return with_format(", %.2fx real time", state.items_per_second / 1000);
  if (state.stage == "render" && state.frames_per_second > 0)
    return with_format(", %.2fx real time", state.items_per_second / state.frames_per_second);
  return with_format(counts_clips(state) ? ", %.2f/s" : ", %.1f/s", state.items_per_second);
}

}  // namespace

std::string progress_text(const ProgressState& state) {
  std::string text = count_text(state) + speed_text(state);
  if (state.items_per_second > 0 && state.total > state.done)
    text += ", " +
            clock_text(static_cast<double>(state.total - state.done) / state.items_per_second) +
            " left";
  return text;
}

std::string progress_bar(const ProgressState& state, int bar_width) {
  std::string text = state.stage + " ";
  if (state.total > 0 && bar_width > 0) {
    const double part = static_cast<double>(state.done) / static_cast<double>(state.total);
    const auto full = static_cast<std::size_t>(std::clamp(part, 0.0, 1.0) * bar_width);
    text += "[" + std::string(full, '#') +
            std::string(static_cast<std::size_t>(bar_width) - full, '-') + "] ";
  }
  return text + progress_text(state);
}

std::string_view one_line(std::string_view text, int columns) {
  if (columns <= 0) return text;
  std::size_t end = 0;
  for (int column = 0; end < text.size(); ++end) {
    const bool begins_character = (static_cast<unsigned char>(text[end]) & 0xC0U) != 0x80U;
    if (begins_character && column++ == columns) break;
  }
  return text.substr(0, end);
}

Console::Console(Style style, double frames_per_second)
    : style_(style), frames_per_second_(frames_per_second) {}

Console::~Console() {
  clear();
}

void Console::show(std::string_view stage, std::int64_t done, std::int64_t total) {
  if (style_ == Style::kQuiet) return;
  const std::scoped_lock lock(mutex_);
  const auto now = Clock::now();
  if (stage != state_.stage) {
    clear_locked();
    state_ = {std::string(stage), done, total, 0, frames_per_second_};
    stage_began_ = shown_ = now;
    stage_began_at_ = done;
  }
  state_.done = done;
  state_.total = total;
  const std::chrono::duration<double> elapsed = now - stage_began_;
  if (done > stage_began_at_ && elapsed.count() > 0)
    state_.items_per_second = static_cast<double>(done - stage_began_at_) / elapsed.count();
  const bool bar = style_ == Style::kBar;
  if (now - shown_ < (bar ? Clock::duration(kBarInterval) : Clock::duration(kLineInterval))) return;
  shown_ = now;
  if (bar) {
    const std::string text = progress_bar(state_, kBarWidth);
    // The figures say more than the bar.
    const bool fits = one_line(text, terminal_columns() - 1) == text;
    replace_line(fits ? text : progress_bar(state_, 0));
  } else {
    std::fprintf(stderr, "visema: %s: %s\n", state_.stage.c_str(), progress_text(state_).c_str());
  }
}

void Console::message(LogLevel level, std::string_view text) {
  if (style_ == Style::kQuiet || level == LogLevel::kDebug) return;
  const std::scoped_lock lock(mutex_);
  clear_locked();
  std::fprintf(stderr, "visema: %s%.*s\n", level == LogLevel::kWarning ? "warning: " : "",
               static_cast<int>(text.size()), text.data());
}

void Console::status(std::string_view text, bool lines) {
  if (style_ == Style::kQuiet) return;
  const std::scoped_lock lock(mutex_);
  if (style_ == Style::kBar)
    replace_line(text);
  else if (lines)
    std::fprintf(stderr, "visema: %.*s\n", static_cast<int>(text.size()), text.data());
}

void Console::replace_line(std::string_view text) {
  // The last column stays free: some terminals wrap as soon as it is written.
  text = one_line(text, terminal_columns() - 1);
  // Back to the start of the line, and the rest of it erased.
  std::fprintf(stderr, "\r%.*s\033[K", static_cast<int>(text.size()), text.data());
  std::fflush(stderr);
  bar_is_up_ = true;
}

void Console::clear() {
  const std::scoped_lock lock(mutex_);
  clear_locked();
}

void Console::clear_locked() {
  if (!bar_is_up_) return;
  std::fputs("\r\033[K", stderr);
  std::fflush(stderr);
  bar_is_up_ = false;
}

Console::Style console_style(bool quiet) {
  if (quiet) return Console::Style::kQuiet;
  return isatty(STDERR_FILENO) == 1 ? Console::Style::kBar : Console::Style::kLines;
}

}  // namespace visema::cli
