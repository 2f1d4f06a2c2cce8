#include <gtest/gtest.h>

#include "live_frames.h"
#include "peer.h"
#include "received.h"

namespace visema {
namespace {

using namespace test;

/// Streams for 3 s to `target`, then ends; returns the frames that were pushed.
FrameIndex stream(const std::string& target) {
  const LiveOutputOptions options = live_options();
  LiveOutput output(target, options);
  LiveSource source({&output}, options);
  EXPECT_TRUE(wait_until([&] { return source.count() >= 75; }));
  source.stop();
  output.finish(20s);
  const LiveOutputStatistics statistics = output.statistics();
  EXPECT_EQ(statistics.last_error, "");
  EXPECT_EQ(statistics.frames_sent, source.count());
  EXPECT_EQ(statistics.frames_dropped, 0);
  return source.count();
}

TEST(LiveSrt, ArrivesWhole) {
  SKIP_WITHOUT("srt-live-transmit");
  const TempFolder folder;
  const auto file = folder / "received.ts";
  const std::string address =
      "srt://127.0.0.1:" + std::to_string(free_port()) + "?passphrase=between-us-two";
  Peer receiver({"srt-live-transmit", "-a:no", address + "&mode=listener", "file://con"},
                folder / "log", file);
  const FrameIndex pushed = stream(address + "&latency=200000");
  receiver.wait();
  const Received received(file);
  EXPECT_TRUE(received.is_whole());
  EXPECT_EQ(received.numbers.front(), 0);
  EXPECT_GE(received.frames(), pushed - 10);  // SRT forgets what it has not delivered at the end
  EXPECT_LT(std::abs(received.sound_ahead_s), 0.04);
}

TEST(LiveSrt, WaitsForACaller) {
  SKIP_WITHOUT("srt-live-transmit");
  const TempFolder folder;
  const std::string address = "srt://127.0.0.1:" + std::to_string(free_port());
  const LiveOutputOptions options = live_options();
  LiveOutput output(address + "?mode=listener", options);
  LiveSource source({&output}, options);
  Peer caller({"srt-live-transmit", "-a:no", address, "file://con"}, folder / "log",
              folder / "received.ts");
  ASSERT_TRUE(wait_until([&] { return output.statistics().frames_sent > 50; }))
      << output.statistics().last_error;
  source.stop();
  output.finish(20s);
  caller.wait();
  EXPECT_TRUE(Received(folder / "received.ts").is_whole());

  LiveOutput lonely(address + "?mode=listener", options);
  lonely.push(live_frame(0, options));
  const auto begin = std::chrono::steady_clock::now();
  lonely.finish(200ms);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 10s);
}

TEST(LiveSrt, AReceiverThatIsKilledIsReachedAgain) {
  SKIP_WITHOUT("srt-live-transmit");
  const TempFolder folder;
  const std::string address = "srt://127.0.0.1:" + std::to_string(free_port());
  const std::vector<std::string> words = {"srt-live-transmit", "-a:no", address + "?mode=listener",
                                          "file://con"};
  const LiveOutputOptions options = live_options();
  std::optional<Peer> receiver(std::in_place, words, folder / "log", folder / "first.ts");
  LiveOutput output(address, options);
  LiveSource source({&output}, options);
  ASSERT_TRUE(wait_until([&] { return output.statistics().frames_sent > 25; }))
      << output.statistics().last_error;
  receiver->kill();
  ASSERT_TRUE(wait_for_state(output, LiveState::kLost));
  receiver.emplace(words, folder / "log", folder / "second.ts");
  const auto sent = output.statistics().frames_sent;
  ASSERT_TRUE(wait_until([&] { return output.statistics().frames_sent > sent + 50; }));
  source.stop();
  output.finish(20s);
  EXPECT_EQ(output.statistics().reconnects, 1);
  receiver->wait();
  const Received again(folder / "second.ts");
  EXPECT_TRUE(again.is_whole());
  EXPECT_LT(source.longest_push(), 1s);
}

TEST(LiveUdp, ArrivesWhole) {
  SKIP_WITHOUT_FFMPEG();
  const TempFolder folder;
  const auto file = folder / "received.mkv";
  const int port = free_port();
  const std::string address = "udp://127.0.0.1:" + std::to_string(port);
  Peer receiver(
      {"ffmpeg", "-v", "error", "-i", address + "?timeout=3000000", "-c", "copy", file.string()},
      folder / "log");
  ASSERT_TRUE(wait_until([&] { return is_udp_bound(port); })) << read_text(folder / "log");
  const FrameIndex pushed = stream(address);
  receiver.wait();
  const Received received(file);
  EXPECT_TRUE(received.is_whole()) << read_text(folder / "log");
  EXPECT_GE(received.frames(), pushed - 1);
  EXPECT_LT(std::abs(received.sound_ahead_s), 0.04);
}

/// The receiver opens its port a second time when it has seen what comes, and misses the start.
TEST(LiveRtp, ArrivesFromAKeyFrameOn) {
  SKIP_WITHOUT_FFMPEG();
  const TempFolder folder;
  const auto file = folder / "received.mkv";
  const int port = free_port();
  const std::string address = "rtp://127.0.0.1:" + std::to_string(port);
  Peer receiver(
      {"ffmpeg", "-v", "error", "-i", address, "-c", "copy", "-frames:v", "20", file.string()},
      folder / "log");
  ASSERT_TRUE(wait_until([&] { return is_udp_bound(port); })) << read_text(folder / "log");
  const LiveOutputOptions options = live_options();
  LiveOutput output(address, options);
  LiveSource source({&output}, options);
  EXPECT_EQ(receiver.wait(), 0) << read_text(folder / "log");
  EXPECT_EQ(output.statistics().last_error, "");
  const Received received(file);
  EXPECT_EQ(received.frames(), 20);
  EXPECT_TRUE(received.is_whole());
}

/// ffmpeg as an RTMP server that keeps the times of the stream.
TEST(LiveOutput, TimesGoOnAfterAReconnect) {
  SKIP_WITHOUT_FFMPEG();
  const TempFolder folder;
  const int port = free_port();
  const std::string address = "rtmp://127.0.0.1:" + std::to_string(port) + "/live/anna";
  const auto serve = [&](const std::string& name) {
    return std::make_unique<Peer>(
        std::vector<std::string>{"ffmpeg", "-v", "error", "-listen", "1", "-copyts", "-i", address,
                                 "-c", "copy", (folder / name).string()},
        folder / "log");
  };
  const LiveOutputOptions options = live_options();
  auto server = serve("first.mkv");
  LiveOutput output(address, options);
  LiveSource source({&output}, options);
  ASSERT_TRUE(wait_until([&] { return output.statistics().frames_sent > 25; }));
  server->kill();
  ASSERT_TRUE(wait_for_state(output, LiveState::kLost));
  server = serve("second.mkv");
  ASSERT_TRUE(wait_until([&] { return output.statistics().reconnects > 0; }));
  const auto sent = output.statistics().frames_sent;
  ASSERT_TRUE(wait_until([&] { return output.statistics().frames_sent > sent + 50; }));
  source.stop();
  output.finish(20s);
  server->wait();

  const MediaInfo info = probe(folder / "second.mkv", ProbeDepth::kDecoded);
  const Received received(folder / "second.mkv");
  const double start = info.first(StreamKind::kVideo)->start_time_s;
  const auto first = static_cast<FrameIndex>(std::lround(start * 25 - 0.5));
  EXPECT_GT(first, 25);
  EXPECT_EQ(received.numbers.front(), first % kNumbers) << start;
  EXPECT_TRUE(received.is_whole());
}

}  // namespace
}  // namespace visema
