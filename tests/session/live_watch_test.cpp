#include "live_watch.h"

#include <gmock/gmock.h>

#include <atomic>
#include <chrono>
#include <mutex>

namespace visema::session {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

using State = LiveOutputStatistics::State;

TEST(LiveWatch, SaysOnceWhatBecameOfEachOutputAndPassesTheReportOn) {
  std::vector<LiveOutputStatistics> turns(6);
  turns[1].last_error = turns[2].last_error = "refused";
  turns[3].state = turns[4].state = State::kLive;
  turns[5].state = State::kEnded;
  for (int i = 3; i < 6; ++i) turns[static_cast<std::size_t>(i)].last_error = "refused";
  std::size_t turn = 0;
  std::mutex mutex;
  std::vector<std::string> lines;
  std::atomic<int> passed = 0;
  {
    const LiveWatch watch(
        [&] {
          LiveReport report;
          report.sound_priority = turn > 0 ? "realtime" : "";
          report.picture_priority = turn > 1 ? "realtime" : "";
          report.outputs.push_back({"rtmp://a", turns[std::min(turn++, turns.size() - 1)]});
          return report;
        },
        [&](const LiveReport&) { ++passed; },
        [&](LogLevel level, std::string_view text) {
          const std::lock_guard lock(mutex);
          lines.push_back((level == LogLevel::kWarning ? "warning " : "") + std::string(text));
        });
    const auto end = std::chrono::steady_clock::now() + 60s;
    while (passed < 6 && std::chrono::steady_clock::now() < end) std::this_thread::sleep_for(10ms);
  }
  EXPECT_GE(passed, 6);
  EXPECT_THAT(lines,
              ElementsAre("warning rtmp://a: not connected yet, it is tried again: refused",
                          "priority: sound realtime", "priority: sound realtime, pictures realtime",
                          "rtmp://a: live", "rtmp://a: ended"));
}

}  // namespace
}  // namespace visema::session
