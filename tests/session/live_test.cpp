#include "visema/session/live.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "control_client.h"
#include "live_fixture.h"
#include "visema/core/error.h"

namespace visema::session {
namespace {

using nlohmann::json;
using testing::HasSubstr;

class LiveTest : public LiveSessionTest {
 protected:
  LiveOptions live_options(const std::vector<std::string>& files) const {
    LiveOptions options;
    options.source = kPortrait;
    options.models = built_models();
    options.preset = "ultrafast";
    for (const auto& name : files) options.outputs.push_back("file:" + (folder_ / name).string());
    return options;
  }
};

double loudest(const std::vector<float>& samples) {
  double most = 0;
  for (const float sample : samples) most = std::max(most, std::abs(double{sample}));
  return most;
}

TEST_F(LiveTest, SeveralOutputsGetTheSame) {
  LiveOptions options = live_options({"a.mkv", "b.ts"});
  options.input = speech(1).string();
  options.pace = LivePace::kOff;
  const LiveReport report = live(options);
  EXPECT_EQ(report.frames, 25);
  EXPECT_EQ(report.outputs.size(), 2U);
  for (const auto& output : report.outputs) EXPECT_EQ(output.statistics.frames_sent, 25);
  const auto a = all_frames(folder_ / "a.mkv");
  const auto b = all_frames(folder_ / "b.ts");
  ASSERT_EQ(a.size(), 25U);
  ASSERT_EQ(b.size(), 25U);
  for (std::size_t i = 0; i < a.size(); ++i) EXPECT_EQ(a[i].image.rgb, b[i].image.rgb) << i;
}

TEST_F(LiveTest, WhatTheControlSaysIsSpoken) {
  LiveOptions options = live_options({"said.mkv"});
  options.control = "unix:" + (folder_ / "control.sock").string();
  LiveReport report;
  std::jthread runs(
      [&](std::stop_token stop) { report = live(options, {}, {}, {}, std::move(stop)); });
  ControlClient client(options.control);
  // 0.5 s of a square wave, 8000 Hz, mu-law.
  std::string base64;
  for (int i = 0; i < 1000; ++i) base64 += "AAAAgICA";
  json reply = client.ask(
      json{{"id", 7}, {"command", "say"}, {"pcm", base64}, {"format", "mulaw"}, {"rate", 8000}});
  EXPECT_EQ(reply["id"], 7);
  EXPECT_EQ(reply["ok"], true) << reply;
  EXPECT_NEAR(reply["seconds"].get<double>(), 0.75, 0.001);
  EXPECT_EQ(client.ask(json{{"command", "say"}, {"file", speech(1).string()}})["ok"], true);
  EXPECT_TRUE(becomes([&] { return client.stats()["input"]["utterances_waiting"] == 0; }));
  EXPECT_TRUE(becomes([&] { return client.stats()["seconds"] > 1; }));
  EXPECT_EQ(client.ask(json{{"command", "shutdown"}})["ok"], true);
  runs.join();
  EXPECT_FALSE(report.interrupted);
  EXPECT_GT(loudest(samples_of(folder_ / "said.mkv").samples), 0.5);
  // An encoder that falls behind drops pictures.
  const LiveOutputStatistics& sent = report.outputs.at(0).statistics;
  EXPECT_EQ(sent.frames_sent + sent.frames_dropped, report.frames);
  EXPECT_EQ(all_frames(folder_ / "said.mkv").size(), static_cast<std::size_t>(sent.frames_sent));
}

TEST_F(LiveTest, WrongCommandsAreAnsweredWithWhatIsAllowed) {
  LiveOptions options = live_options({"a.mkv"});
  options.control = "unix:" + (folder_ / "control.sock").string();
  std::jthread runs([&](std::stop_token stop) { live(options, {}, {}, {}, std::move(stop)); });
  ControlClient client(options.control);
  const std::string deep = R"({"command": "stop", "id": )" + std::string(100000, '[');
  const std::string very_long = R"({"command": "say", "format": "mulaw", "rate": 8000, "pcm": ")" +
                                std::string(std::size_t{601} * 8000 / 3 * 4, 'A') + "\"}";
  const std::pair<std::string, const char*> cases[] = {
      {"{hello", "no JSON"},
      {deep, "nested too deep: at most 64 levels"},
      {very_long, "601 s of sound: at most 600 s are allowed"},
      {R"({"command": "dance"})", "must be one of say, stop, pause, resume, expression, look"},
      {R"({"command": "say"})", "needs file or pcm"},
      {R"({"command": "say", "file": "/no/such.wav"})", "/no/such.wav: must be a sound file"},
      {R"({"command": "say", "pcm": "***"})", "must be base64"},
      {R"({"command": "say", "pcm": ""})", "holds no sound"},
      {R"({"command": "say", "pcm": "AAAA", "format": "mp3"})", "must be one of s16le"},
      {R"({"command": "say", "pcm": "AAAA", "rate": 1})", "rate: must be a number in 4000..192000"},
      {R"({"command": "expression", "name": "bored"})", "must be one of neutral, happy"},
      {R"({"command": "expression", "name": "happy", "strength": 3})", "in 0..2"},
      {R"({"command": "look", "x": 2, "y": 0})", "x: must be a number in -1..1"},
      {R"({"command": "look", "x": 0})", "y: must be a number in -1..1"},
      {R"({"command": "stop", "now": true})", "no such field; allowed are command, id"},
  };
  for (const auto& [line, part] : cases) {
    const json reply = client.ask(line);
    EXPECT_EQ(reply["ok"], false) << part;
    EXPECT_THAT(reply["error"].get<std::string>(), HasSubstr(part));
  }
  for (const char* line : {"[1]", "POST / HTTP/1.1\r\nHost: a\r\n\r"}) {
    const std::string replies =
        ControlClient(options.control).rest(line + std::string("\n{\"command\": \"shutdown\"}\n"));
    EXPECT_THAT(replies, HasSubstr("must be a JSON object on one line; the connection is closed"));
    EXPECT_EQ(std::count(replies.begin(), replies.end(), '\n'), 1) << replies;
  }
  for (const char* line :
       {R"({"command": "pause"})", R"({"command": "resume"})", R"({"command": "stop"})",
        R"({"command": "expression", "name": "happy", "strength": 0.5})",
        R"({"command": "look", "x": -1, "y": 0.5})", R"({"command": "shutdown"})"})
    EXPECT_EQ(client.ask(std::string(line))["ok"], true) << line;
}

TEST_F(LiveTest, WrongOptionsAreNamed) {
  const auto refuse = [&](const std::function<void(LiveOptions&)>& change, ErrorCode code,
                          const char* part) {
    LiveOptions options = live_options({"a.mkv"});
    change(options);
    try {
      live(options);
      ADD_FAILURE() << part << ": accepted";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), code) << error.what();
      EXPECT_THAT(error.what(), HasSubstr(part));
    }
  };
  refuse([](auto& o) { o.outputs.clear(); }, ErrorCode::kUsage, "needs an output");
  refuse([](auto& o) { o.outputs = {"ftp://a"}; }, ErrorCode::kUsage, "ftp://a");
  refuse([](auto& o) { o.input = "no.wav"; }, ErrorCode::kInput, "no.wav");
  refuse([](auto& o) { o.input = "pcm:x"; }, ErrorCode::kUsage, "pcm:x");
  refuse([](auto& o) { o.pace = LivePace::kOff; }, ErrorCode::kUsage, "an input that ends");
  for (const char* input : {"mic", "tcp://127.0.0.1:1", "unix:/tmp/a"})
    refuse(
        [input](auto& o) {
          o.pace = LivePace::kOff;
          o.input = input;
        },
        ErrorCode::kUsage, "an input that ends");
  refuse([](auto& o) { o.control = "/tmp/a"; }, ErrorCode::kUsage, "must be unix:PATH");
  refuse([](auto& o) { o.metrics = "here"; }, ErrorCode::kUsage, "host and port");
}

}  // namespace
}  // namespace visema::session
