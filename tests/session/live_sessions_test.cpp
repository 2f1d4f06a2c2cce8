#include "visema/session/live_sessions.h"

#include <gmock/gmock.h>
#include <poll.h>
#include <sys/socket.h>

#include <fstream>

#include "control_client.h"
#include "live_fixture.h"
#include "live_metrics.h"
#include "visema/core/error.h"

namespace visema::session {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;
using State = LiveSessionState::State;

class LiveSessionsTest : public LiveSessionTest {
 protected:
  NamedLive named(const std::string& name, const std::filesystem::path& input = {}) const {
    NamedLive one{name, {}};
    one.options.source = kPortrait;
    one.options.preset = "ultrafast";
    if (!input.empty()) one.options.input = input.string();
    one.options.outputs = {"file:" + (folder_ / (name + ".mkv")).string()};
    return one;
  }
  LiveSessionsOptions together(std::vector<NamedLive> sessions) const {
    LiveSessionsOptions options;
    options.sessions = std::move(sessions);
    options.models = built_models();
    return options;
  }
  LiveSessionsOptions controlled(std::vector<NamedLive> sessions) const {
    LiveSessionsOptions options = together(std::move(sessions));
    options.control = "unix:" + (folder_ / "control.sock").string();
    return options;
  }
  void expect_same_pictures(const std::string& a, const std::string& b) const {
    const auto of_a = all_frames(folder_ / a);
    const auto of_b = all_frames(folder_ / b);
    ASSERT_EQ(of_a.size(), of_b.size());
    for (std::size_t i = 0; i < of_a.size(); ++i)
      EXPECT_EQ(of_a[i].image.rgb, of_b[i].image.rgb) << i;
  }
};

std::string get(const SocketAddress& address) {
  const FileDescriptor socket = connect_to(address);
  const std::string request = "GET /metrics HTTP/1.1\r\n\r\n";
  EXPECT_GT(send(socket.number(), request.data(), request.size(), MSG_NOSIGNAL), 0);
  std::string all;
  char bytes[4096];
  for (ssize_t count = 1; count > 0;) {
    pollfd one{socket.number(), POLLIN, 0};
    count = poll(&one, 1, 30000) > 0 ? recv(socket.number(), bytes, sizeof bytes, 0) : 0;
    if (count > 0) all.append(bytes, static_cast<std::size_t>(count));
  }
  return all;
}

TEST_F(LiveSessionsTest, WithoutPaceEachIsAsItIsAlone) {
  const auto other = kData / "portraits/photo-front-3.jpg";
  if (!has(other)) GTEST_SKIP() << "shared clips are not here";
  std::vector<NamedLive> sessions = {named("anna", speech(1.2)),
                                     named("bert", kData / "speech/hallo-1.flac")};
  sessions[1].options.source = other;
  sessions[1].options.seed = 7;
  sessions[1].options.duration_s = 0.8;
  for (NamedLive& one : sessions) one.options.pace = LivePace::kOff;
  const LiveSessionsReport report = live_sessions(together(sessions));
  EXPECT_TRUE(report.succeeded());
  EXPECT_EQ(report.sessions.at(0).report.frames, 30);
  EXPECT_EQ(report.sessions.at(1).report.frames, 20);
  for (NamedLive& one : sessions) {
    one.options.models = built_models();
    one.options.outputs = {"file:" + (folder_ / (one.name + "-alone.mkv")).string()};
    live(one.options);
    expect_same_pictures(one.name + ".mkv", one.name + "-alone.mkv");
  }
}

TEST_F(LiveSessionsTest, OneThatFailsAndOneWithADeadOutputLeaveTheOthersAlone) {
  std::ofstream(folder_ / "bad.avatar") << "no avatar";
  std::vector<NamedLive> sessions = {named("bad"), named("good", speech(2)),
                                     named("unheard", speech(2))};
  sessions[0].options.source.clear();
  sessions[0].options.avatar = folder_ / "bad.avatar";
  sessions[2].options.outputs.emplace_back("rtmp://127.0.0.1:1/live/a");
  std::mutex mutex;
  std::string lines;
  const LiveSessionsReport report =
      live_sessions(together(sessions), [&](LogLevel, std::string_view text) {
        const std::lock_guard lock(mutex);
        lines += std::string(text) + "\n";
      });
  EXPECT_FALSE(report.succeeded());
  ASSERT_EQ(report.sessions.size(), 3U);
  EXPECT_EQ(report.sessions[0].state, State::kFailed);
  EXPECT_THAT(report.sessions[0].error, HasSubstr("bad.avatar"));
  for (const std::size_t i : {1U, 2U}) {
    EXPECT_EQ(report.sessions[i].state, State::kEnded) << report.sessions[i].error;
    EXPECT_EQ(report.sessions[i].report.frames, 50);
    EXPECT_EQ(report.sessions[i].report.gaps, 0);
    EXPECT_EQ(all_frames(folder_ / (sessions[i].name + ".mkv")).size(), 50U);
  }
  EXPECT_THAT(lines, HasSubstr("bad: failed: "));
  EXPECT_THAT(lines, HasSubstr("good: ended\n"));
}

TEST_F(LiveSessionsTest, CommandsGoToTheSessionTheyName) {
  LiveSessionsOptions options = controlled({named("anna"), named("bert")});
  options.look_up = [&](const std::string& name) {
    if (name != "zoe") return named(name).options;
    throw Error(ErrorCode::kUsage, name + ": is not in the file");
  };
  LiveSessionsReport report;
  std::jthread runs(
      [&](std::stop_token stop) { report = live_sessions(options, {}, {}, std::move(stop)); });
  ControlClient client(options.control);
  const auto session = [&](const char* name) {
    return client.ask(json{{"command", "sessions"}})["sessions"][name];
  };
  const auto state = [&](const char* name) { return session(name).value("state", "none"); };
  const auto shows = [&](const char* name) { return session(name).value("frames", 0) > 0; };
  const auto ask = [&](const char* name, const char* command) {
    return client.ask(json{{"session", name}, {"command", command}});
  };
  ASSERT_TRUE(becomes([&] { return shows("anna") && shows("bert"); }));
  const auto waiting = [&](const char* name) {
    return ask(name, "stats")["stats"]["input"]["utterances_waiting"];
  };
  EXPECT_EQ(client.ask(json{{"session", "anna"}, {"command", "pause"}})["ok"], true);
  EXPECT_EQ(
      client.ask(json{{"session", "anna"}, {"command", "say"}, {"file", speech(1).string()}})["ok"],
      true);
  EXPECT_EQ(waiting("anna"), 1);
  EXPECT_EQ(waiting("bert"), 0);

  const std::pair<json, const char*> wrong[] = {
      {{{"command", "stop"}}, "session: must be a text"},
      {{{"command", "stop"}, {"session", "zoe"}}, "must be one of anna, bert"},
      {{{"command", "start"}, {"session", "anna"}}, "runs already"},
      {{{"command", "start"}, {"session", "zoe"}}, "zoe: is not in the file"},
      {{{"command", "sessions"}, {"session", "anna"}}, "no such field"},
      {{{"command", "dance"}}, "look, stats, shutdown, sessions, start"},
      {{{"command", "dance"}, {"session", "anna"}}, "must be one of say, stop"}};
  for (const auto& [command, part] : wrong) {
    const json reply = client.ask(command);
    EXPECT_EQ(reply["ok"], false) << command;
    EXPECT_THAT(reply["error"].get<std::string>(), HasSubstr(part));
  }

  EXPECT_EQ(ask("bert", "shutdown")["ok"], true);
  ASSERT_TRUE(becomes([&] { return state("bert") == "ended"; }));
  EXPECT_THAT(ask("bert", "stats")["error"].get<std::string>(), HasSubstr("is not live"));
  EXPECT_EQ(state("anna"), "live");
  EXPECT_EQ(ask("carl", "start")["ok"], true);
  ASSERT_TRUE(becomes([&] { return shows("carl"); }));
  EXPECT_EQ(client.ask(json{{"command", "shutdown"}})["ok"], true);
  runs.join();
  EXPECT_TRUE(report.succeeded());
  EXPECT_FALSE(report.interrupted);
  for (const char* name : {"anna.mkv", "bert.mkv", "carl.mkv"})
    EXPECT_TRUE(std::filesystem::exists(folder_ / name)) << name;
}

TEST_F(LiveSessionsTest, OneThatEndsGivesItsMemoryBack) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "sanitizers keep what is freed";
#endif
  constexpr std::int64_t kMiB = 1 << 20;
  std::vector<NamedLive> both = {named("anna"), named("bert")};
  // Few pictures, so that none waits in a queue of a busy machine and counts as memory.
  for (NamedLive& one : both) one.options.fps = "5";
  const LiveSessionsOptions options = controlled(both);
  std::jthread runs([&](std::stop_token stop) { live_sessions(options, {}, {}, std::move(stop)); });
  ControlClient client(options.control);
  const auto sessions = [&] { return client.ask(json{{"command", "sessions"}}); };
  const auto memory = [&] { return sessions()["rss_bytes"].get<std::int64_t>(); };
  const auto frames = [&](const char* name) { return sessions()["sessions"][name]["frames"]; };
  ASSERT_TRUE(becomes([&] { return frames("anna") > 5 && frames("bert") > 5; }));
  const std::int64_t before = memory();
  // Ten minutes at 48 kHz: 110 MiB.
  const std::string silence(std::size_t{600} * 8000 / 3 * 4, '/');
  EXPECT_EQ(client.ask(json{{"session", "bert"},
                            {"command", "say"},
                            {"pcm", silence},
                            {"format", "mulaw"},
                            {"rate", 8000}})["ok"],
            true);
  const std::int64_t full = memory();
  EXPECT_GT(full, before + 80 * kMiB);
  client.ask(json{{"session", "bert"}, {"command", "shutdown"}});
  ASSERT_TRUE(becomes([&] { return sessions()["sessions"]["bert"]["state"] == "ended"; }));
  EXPECT_TRUE(becomes([&] { return memory() < full - 80 * kMiB; })) << memory() << " of " << full;
  client.ask(json{{"command", "shutdown"}});
}

TEST_F(LiveSessionsTest, FiguresNameTheirSession) {
  LiveSessionsOptions options = controlled({named("anna"), named("bert")});
  int port = 0;
  {
    const Listener free(SocketAddress::parse("tcp://127.0.0.1:0"));
    port = free.port();
  }
  options.metrics = "127.0.0.1:" + std::to_string(port);
  std::jthread runs([&](std::stop_token stop) { live_sessions(options, {}, {}, std::move(stop)); });
  ControlClient client(options.control);
  std::string text;
  EXPECT_TRUE(becomes([&] {
    try {
      text = get(SocketAddress::parse("tcp://" + options.metrics));
    } catch (const Error&) {  // commands are heard a moment before figures are given
      return false;
    }
    return text.find("visema_session_up{session=\"anna\"} 1\n") != std::string::npos &&
           text.find("visema_session_up{session=\"bert\"} 1\n") != std::string::npos;
  }));
  for (const char* part : {"visema_frames_total{session=\"anna\"} ",
                           "visema_latency_seconds{session=\"bert\",stage=\"render\",quantile=",
                           "visema_output_up{session=\"anna\",output=\"file:"})
    EXPECT_THAT(text, HasSubstr(part));
  client.ask(json{{"command", "shutdown"}});
}

TEST_F(LiveSessionsTest, AllThatIsWrongIsNamedAtOnceAndNothingBegins) {
  std::vector<NamedLive> sessions = {named("anna"), named("bert", "pcm:x")};
  sessions[0].options.outputs = {"ftp://a", "raw:x"};
  LiveSessionsOptions options = together(sessions);
  options.metrics = "here";
  try {
    live_sessions(options);
    ADD_FAILURE() << "accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kUsage);
    for (const char* part :
         {"here", "anna: output \"ftp://a\"", "anna: output \"raw:x\"", "bert: "})
      EXPECT_THAT(error.what(), HasSubstr(part));
  }
  EXPECT_FALSE(std::filesystem::exists(folder_ / "bert.mkv"));
}

TEST(LiveSessionsFigures, EachHeadStandsOnceAboveAllItsSessions) {
  LiveSessionsReport report;
  for (const char* name : {"a", "b\"c"}) {
    LiveSessionState one{name, State::kEnded, {}, {}};
    one.report.frames = 5;
    one.report.outputs.push_back({"rtmp://host/live/key", {}});
    report.sessions.push_back(one);
  }
  const std::string text = prometheus_text(report);
  EXPECT_THAT(text, HasSubstr("# TYPE visema_frames_total counter\n"
                              "visema_frames_total{session=\"a\"} 5\n"
                              "visema_frames_total{session=\"b\\\"c\"} 5\n"));
  EXPECT_THAT(text, HasSubstr("visema_session_up{session=\"a\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("{session=\"a\",output=\"rtmp://host/live/...\"} "));
  EXPECT_THAT(text, Not(HasSubstr("key")));
}

}  // namespace
}  // namespace visema::session
