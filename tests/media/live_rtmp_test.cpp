#include <gtest/gtest.h>

#include <csignal>

#include "live_frames.h"
#include "received.h"
#include "rtmp_server.h"

namespace visema {
namespace {

using namespace test;

class LiveRtmp : public testing::Test {
 protected:
  void SetUp() override {
    SKIP_WITHOUT_FFMPEG();
    if (!RtmpServer::installed())
      GTEST_SKIP() << "needs nginx with its RTMP module (scripts/setup.sh live)";
    server_.emplace(folder_.path());
    server_->start();
  }

  TempFolder folder_;
  std::optional<RtmpServer> server_;
};

TEST_F(LiveRtmp, EveryFrameArrivesAndPlaysBack) {
  const LiveOutputOptions options = live_options();
  LiveOutput output(server_->url(), options);
  LiveSource source({&output}, options);
  ASSERT_TRUE(wait_until([&] { return output.statistics().frames_sent > 0; }))
      << output.statistics().last_error;
  const auto played = folder_ / "played.mkv";
  Peer player(
      {"ffmpeg", "-v", "error", "-i", server_->url(), "-t", "3", "-c", "copy", played.string()},
      folder_ / "player.log");
  EXPECT_EQ(player.wait(), 0) << read_text(folder_ / "player.log");
  source.stop();
  output.finish(20s);

  const LiveOutputStatistics statistics = output.statistics();
  EXPECT_EQ(statistics.state, LiveState::kEnded);
  EXPECT_EQ(statistics.last_error, "");
  EXPECT_EQ(statistics.frames_sent, source.count());
  EXPECT_EQ(statistics.frames_dropped, 0);

  const Received seen(played);
  EXPECT_GT(seen.frames(), 40);
  EXPECT_TRUE(seen.is_whole());
  EXPECT_NEAR(seen.sound_s, seen.frames() / 25.0, 0.5);
  EXPECT_LT(std::abs(seen.sound_ahead_s), 0.06);

  server_->signal(SIGTERM);  // writes its recording to the end
  ASSERT_EQ(server_->recordings().size(), 1u);
  ASSERT_TRUE(wait_until([&] {
    return Received(server_->recordings().front()).frames() == static_cast<int>(source.count());
  }));
  const Received recorded(server_->recordings().front());
  EXPECT_TRUE(recorded.is_whole());
  EXPECT_EQ(recorded.numbers.front(), 0);
  EXPECT_NEAR(recorded.sound_s, static_cast<double>(source.count()) / 25, 0.1);
  EXPECT_LT(std::abs(recorded.sound_ahead_s), 0.04);
}

TEST_F(LiveRtmp, ArrivesThroughTls) {
  const LiveOutputOptions options = live_options();
  LiveOutput output(server_->tls_url(), options);
  LiveSource source({&output}, options);
  ASSERT_TRUE(wait_until([&] { return output.statistics().frames_sent > 50; }))
      << output.statistics().last_error;
  source.stop();
  output.finish(20s);
  EXPECT_EQ(output.statistics().last_error, "");
  ASSERT_TRUE(wait_until([&] {
    return Received(server_->recordings().front()).frames() == static_cast<int>(source.count());
  }));
  EXPECT_TRUE(Received(server_->recordings().front()).is_whole());
}

TEST_F(LiveRtmp, AServerThatIsKilledIsReachedAgainAndDisturbsNobody) {
  const LiveOutputOptions options = live_options();
  const auto file = folder_ / "record.mkv";
  LiveOutput output(server_->url(), options);
  LiveOutput recording("file:" + file.string(), options);
  LiveSource source({&output, &recording}, options);
  ASSERT_TRUE(wait_until([&] { return output.statistics().frames_sent > 10; }));
  server_->kill();
  ASSERT_TRUE(wait_for_state(output, LiveState::kLost));
  EXPECT_NE(output.statistics().last_error.find(server_->url()), std::string::npos);
  const auto sent = output.statistics().frames_sent;
  server_->start();
  ASSERT_TRUE(wait_until([&] { return output.statistics().frames_sent > sent + 25; }));
  EXPECT_EQ(output.statistics().reconnects, 1);
  EXPECT_EQ(output.statistics().state, LiveState::kLive);
  source.stop();
  output.finish(20s);
  recording.finish(60s);
  EXPECT_LT(source.longest_push(), 1s);

  const LiveOutputStatistics statistics = output.statistics();
  EXPECT_GT(statistics.frames_dropped, 0);
  EXPECT_EQ(statistics.frames_sent + statistics.frames_dropped, source.count());
  const Received recorded(file);
  EXPECT_EQ(recorded.frames(), source.count());
  EXPECT_TRUE(recorded.is_whole());
  ASSERT_EQ(server_->recordings().size(), 2u);
  const Received again(server_->recordings().back());
  EXPECT_TRUE(again.is_whole());
  EXPECT_LT(std::abs(again.sound_ahead_s), 0.06);
}

/// Pictures that fill a connection's buffers soon.
LiveOutputOptions heavy_options() {
  LiveOutputOptions options = live_options();
  options.width = 640;
  options.height = 480;
  options.queue_frames = 10;
  return options;
}

std::shared_ptr<Image> noise(int width, int height, std::uint32_t seed) {
  auto image = std::make_shared<Image>(width, height);
  for (auto& value : image->rgb) {
    seed = seed * 1664525 + 1013904223;
    value = static_cast<std::uint8_t>(seed >> 24);
  }
  return image;
}

TEST_F(LiveRtmp, AServerThatStopsReadingIsGivenUpAndReachedAgain) {
  const LiveOutputOptions options = heavy_options();
  const auto pictures = {noise(640, 480, 1), noise(640, 480, 2)};
  LiveOutput output(server_->url(), options);
  FrameIndex index = 0;
  std::chrono::steady_clock::duration longest{};
  const auto push_until = [&](const std::function<bool(const LiveOutputStatistics&)>& condition) {
    return wait_until([&] {
      LiveFrame frame = live_frame(index, options);
      frame.picture = pictures.begin()[index % 2];
      ++index;
      const auto begin = std::chrono::steady_clock::now();
      output.push(std::move(frame));
      longest = std::max(longest, std::chrono::steady_clock::now() - begin);
      return condition(output.statistics());
    });
  };
  ASSERT_TRUE(push_until([](const auto& s) { return s.frames_sent > 0; }));
  server_->signal(SIGSTOP);
  ASSERT_TRUE(push_until([](const auto& s) { return s.state == LiveState::kLost; }));
  EXPECT_GT(output.statistics().frames_dropped, 0);
  server_->signal(SIGCONT);
  const auto sent = output.statistics().frames_sent;
  ASSERT_TRUE(push_until([&](const auto& s) { return s.frames_sent > sent + 10; }));
  EXPECT_GE(output.statistics().reconnects, 1);

  // A stream that cannot be sent does not hold the end up.
  server_->signal(SIGSTOP);
  const auto dropped = output.statistics().frames_dropped;
  ASSERT_TRUE(push_until([&](const auto& s) { return s.frames_dropped > dropped + 100; }));
  const auto begin = std::chrono::steady_clock::now();
  output.finish(300ms);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 10s);
  EXPECT_EQ(output.statistics().state, LiveState::kEnded);
  EXPECT_LT(longest, 1s);
  server_->signal(SIGCONT);
}

TEST(LiveOutput, EndsWithinItsPatienceWithoutAServer) {
  const LiveOutputOptions options = live_options();
  const std::string target = "rtmp://127.0.0.1:" + std::to_string(free_port()) + "/live/anna";
  LiveOutput output(target, options);
  for (FrameIndex i = 0; i < 100; ++i) output.push(live_frame(i, options));
  ASSERT_TRUE(wait_until([&] { return !output.statistics().last_error.empty(); }));
  EXPECT_EQ(output.statistics().state, LiveState::kConnecting);
  const auto begin = std::chrono::steady_clock::now();
  output.finish(60s);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 30s);
  EXPECT_EQ(output.statistics().state, LiveState::kEnded);
  EXPECT_EQ(output.statistics().frames_sent, 0);
}

}  // namespace
}  // namespace visema
