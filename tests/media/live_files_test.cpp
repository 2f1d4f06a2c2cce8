#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <cstdlib>

#include "live_frames.h"
#include "peer.h"
#include "received.h"

namespace visema {
namespace {

using namespace test;

/// Records until it is killed; run by the test below as a program of its own.
TEST(LiveChild, DISABLED_Records) {
  const char* path = std::getenv("VISEMA_LIVE_CHILD");
  if (path == nullptr) GTEST_SKIP() << "runs in another test";
  const LiveOutputOptions options = live_options();
  LiveOutput output(std::string("file:") + path, options);
  LiveSource source({&output}, options);
  wait_until([] { return false; });
}

class LiveKills : public testing::TestWithParam<const char*> {};

TEST_P(LiveKills, LeaveARecordingThatPlays) {
  const TempFolder folder;
  const std::string extension = GetParam();
  const auto part = folder / ("a.part" + extension);
  setenv("VISEMA_LIVE_CHILD", (folder / ("a" + extension)).c_str(), 1);
  {
    Peer child({"/proc/self/exe", "--gtest_filter=LiveChild.DISABLED_Records",
                "--gtest_also_run_disabled_tests"},
               folder / "log");
    // Matroska keeps what is younger than a second in memory.
    ASSERT_TRUE(wait_until([&] { return fs::exists(part) && fs::file_size(part) > 4000; }))
        << read_text(folder / "log");
    std::this_thread::sleep_for(2s);
    child.kill();
  }
  const Received left(part);
  EXPECT_TRUE(left.is_whole());
  EXPECT_GE(left.frames(), 25);
  EXPECT_EQ(left.numbers.front(), 0);
  EXPECT_GT(left.sound_s, 0.9);

  // The next run does not write over it.
  const LiveOutputOptions options = live_options();
  LiveOutput output("file:" + (folder / ("a" + extension)).string(), options);
  for (FrameIndex i = 0; i < 5; ++i) output.push(live_frame(i, options));
  output.finish(20s);
  EXPECT_EQ(Received(folder / ("a" + extension)).frames(), 5);
  EXPECT_EQ(Received(folder / ("a.1" + extension)).frames(), left.frames());
}

INSTANTIATE_TEST_SUITE_P(All, LiveKills, testing::Values(".mkv", ".ts", ".flv"));

TEST(LiveOutput, ADestructorEndsTheFile) {
  const TempFolder folder;
  const LiveOutputOptions options = live_options();
  {
    LiveOutput output("file:" + (folder / "a.mkv").string(), options);
    for (FrameIndex i = 0; i < 50; ++i) output.push(live_frame(i, options));
    ASSERT_TRUE(wait_until([&] { return output.statistics().frames_sent > 0; }));
  }
  EXPECT_GT(Received(folder / "a.mkv").frames(), 0);
  EXPECT_EQ(std::distance(fs::directory_iterator(folder.path()), {}), 1);
}

TEST(LiveOutput, WithoutFramesLeavesNoFile) {
  const TempFolder folder;
  LiveOutput("file:" + (folder / "a.mkv").string(), live_options()).finish(20s);
  EXPECT_TRUE(fs::is_empty(folder.path()));
}

/// No file of this process grows beyond `bytes` while it lives.
class FileLimit {
 public:
  explicit FileLimit(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{bytes, before_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileLimit() {
    setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }
  FileLimit(const FileLimit&) = delete;
  FileLimit& operator=(const FileLimit&) = delete;

 private:
  void (*handler_)(int);
  rlimit before_{};
};

TEST(LiveOutput, ARecordingThatCannotGoOnBeginsAFurtherFile) {
  const TempFolder folder;
  const LiveOutputOptions options = live_options();
  LiveOutput output("file:" + (folder / "a.ts").string(), options);
  FrameIndex index = 0;
  const auto push_until = [&](const std::function<bool()>& condition) {
    return wait_until([&] {
      output.push(live_frame(index++, options));
      return condition();
    });
  };
  {
    const FileLimit limit(100000);
    ASSERT_TRUE(push_until([&] { return output.statistics().state == LiveState::kLost; }));
  }
  EXPECT_NE(output.statistics().last_error.find("File too large"), std::string::npos)
      << output.statistics().last_error;
  const auto sent = output.statistics().frames_sent;
  ASSERT_TRUE(push_until([&] { return output.statistics().frames_sent > sent + 10; }));
  output.finish(20s);
  EXPECT_EQ(output.statistics().reconnects, 1);
  EXPECT_GT(Received(folder / "a.1.ts").frames(), 10);
  EXPECT_GT(Received(folder / "a.ts").frames(), 10);
}

TEST(LiveOutput, DropsOldestPicturesAndKeepsTheirSound) {
  const TempFolder folder;
  LiveOutputOptions options = live_options();
  options.width = 1280;
  options.height = 720;
  options.preset = "slow";
  options.queue_frames = 3;
  const auto picture = live_frame(0, options).picture;
  const int frames = 60;
  LiveOutput output("file:" + (folder / "a.mkv").string(), options);
  for (FrameIndex i = 0; i < frames; ++i) {
    LiveFrame frame = live_frame(i, live_options());
    frame.picture = picture;
    output.push(std::move(frame));
  }
  output.finish(60s);
  const LiveOutputStatistics statistics = output.statistics();
  EXPECT_GT(statistics.frames_dropped, 0);
  EXPECT_EQ(statistics.frames_sent + statistics.frames_dropped, frames);
  const Received received(folder / "a.mkv");
  EXPECT_EQ(received.frames(), statistics.frames_sent);
  // The newest pictures are there, at their own times, and the sound of those that are not.
  ASSERT_GE(received.frames(), 3);
  EXPECT_NEAR(received.sound_s, received.times_s.back() + 0.04, 0.08);
  EXPECT_NEAR(received.times_s.back() - received.times_s[received.times_s.size() - 3], 0.08, 0.002);
}

TEST(LiveOutput, AGapOfTheSourceIsSilence) {
  const TempFolder folder;
  const LiveOutputOptions options = live_options();
  LiveOutput output("file:" + (folder / "a.mkv").string(), options);
  for (FrameIndex i = 0; i < 75; ++i)
    if (i < 25 || i >= 50) output.push(live_frame(i, options));
  output.finish(20s);
  EXPECT_EQ(output.statistics().last_error, "");
  AudioReader reader(folder / "a.mkv", {16000, 1});
  const auto heard = read_all(reader);
  ASSERT_NEAR(static_cast<double>(heard.size()), 48000, 1600);
  const auto power = [&](std::size_t from, std::size_t to) {
    double sum = 0;
    for (std::size_t i = from; i < to; ++i) sum += double{heard[i]} * heard[i];
    return sum / static_cast<double>(to - from);
  };
  EXPECT_NEAR(power(4000, 14000), 0.08, 0.01);
  EXPECT_LT(power(18000, 30000), 0.0001);
  EXPECT_NEAR(power(34000, 46000), 0.08, 0.01);
}

}  // namespace
}  // namespace visema
