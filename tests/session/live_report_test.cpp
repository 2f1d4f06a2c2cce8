#include "live_report.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "live_metrics.h"

namespace visema::session {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(LiveReport, SecretsOfTargetsAreCut) {
  const std::pair<const char*, const char*> cases[] = {
      {"rtmp://host/live/key", "rtmp://host/live/..."},
      {"rtmp://host/live/key2", "rtmp://host/live/... #2"},
      {"rtmps://me:pass@host/live/key?token=a/b", "rtmps://host/live/..."},
      {"srt://host:9000?streamid=a@b&passphrase=c", "srt://host:9000"},
      {"udp://host:1234", "udp://host:1234"},
      {"rtmp://host", "rtmp://host"},
      {"file:a?b@c.mkv", "file:a?b@c.mkv"},
      {"hls:www/anna", "hls:www/anna"}};
  LiveReport report;
  for (const auto& [target, shown] : cases) {
    LiveOutputStatistics statistics;
    statistics.last_error = std::string(target) + ": refused";
    report.outputs.push_back({target, statistics});
  }
  const LiveReport cut = without_secrets(report);
  for (std::size_t i = 0; i < std::size(cases); ++i)
    EXPECT_EQ(cut.outputs[i].target, cases[i].second);
  EXPECT_EQ(cut.outputs[0].statistics.last_error, "rtmp://host/live/...: refused");
  const std::string text = prometheus_text(report);
  EXPECT_THAT(text, HasSubstr("visema_output_up{output=\"rtmp://host/live/...\"} 0\n"));
  for (const char* secret : {"key", "pass", "token"}) EXPECT_THAT(text, Not(HasSubstr(secret)));
}

TEST(LiveReport, FiguresKeepTheirDigits) {
  LiveReport report;
  report.silent_seconds = 1234567.89;
  EXPECT_THAT(prometheus_text(report), HasSubstr("visema_audio_silent_seconds_total 1234567.89\n"));
}

TEST(LiveReport, TellsWhatThePriorityIsAndWhyNotMore) {
  LiveReport report;
  report.sound_priority = "realtime";
  report.picture_priority = "raised";
  report.priority_refusal = "real time: no";
  report.left_out_seconds = 1.5;
  const auto json = nlohmann::json::parse(to_json(report));
  EXPECT_EQ(json["priority"]["sound"], "realtime");
  EXPECT_EQ(json["priority"]["pictures"], "raised");
  EXPECT_EQ(json["priority"]["refusal"], "real time: no");
  EXPECT_EQ(json["input"]["left_out_seconds"], 1.5);
  EXPECT_THAT(prometheus_text(report), HasSubstr("visema_input_left_out_seconds_total 1.5\n"));
}

}  // namespace
}  // namespace visema::session
