#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/videodev2.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdarg>
#include <cstdlib>

#include "live_frames.h"
#include "peer.h"

namespace visema::test {

/// A camera that a regular file plays: what its writer asked for.
struct FakeCamera {
  static bool is_on;
  static v4l2_format format;
};
bool FakeCamera::is_on = false;
v4l2_format FakeCamera::format{};

}  // namespace visema::test

/// Stands in front of the C library's: no kernel module for virtual cameras is needed.
extern "C" int ioctl(int handle, unsigned long request, ...) noexcept {
  using visema::test::FakeCamera;
  va_list arguments;
  va_start(arguments, request);
  void* argument = va_arg(arguments, void*);
  va_end(arguments);
  const bool asks = request == VIDIOC_G_FMT || request == VIDIOC_S_FMT;
  if (!FakeCamera::is_on || !asks)
    return static_cast<int>(syscall(SYS_ioctl, handle, request, argument));
  if (request == VIDIOC_S_FMT) FakeCamera::format = *static_cast<v4l2_format*>(argument);
  return 0;
}

namespace visema {
namespace {

using namespace test;

TEST(LiveCamera, GetsEveryPictureInItsFormat) {
  const TempFolder folder;
  const auto device = folder / "video9";
  write_text(device, "");
  FakeCamera::is_on = true;
  const LiveOutputOptions options = live_options();
  LiveOutput output("v4l2:" + device.string(), options);
  for (FrameIndex i = 0; i < 10; ++i) output.push(live_frame(i, options));
  output.finish(20s);
  FakeCamera::is_on = false;
  EXPECT_EQ(output.statistics().last_error, "");
  EXPECT_EQ(output.statistics().frames_sent, 10);
  EXPECT_EQ(FakeCamera::format.fmt.pix.width, 160u);
  EXPECT_EQ(FakeCamera::format.fmt.pix.height, 96u);
  EXPECT_EQ(FakeCamera::format.fmt.pix.pixelformat, V4L2_PIX_FMT_YUV420);
  const std::string written = read_text(device);
  ASSERT_EQ(written.size(), 10u * 160 * 96 * 3 / 2);
  // Luma in the corner that tells the picture's number.
  for (int i = 0; i < 10; ++i) {
    const auto luma = static_cast<std::uint8_t>(written[i * 160 * 96 * 3 / 2 + 10 * 160 + 10]);
    EXPECT_NEAR(luma, 16 + (20 + i * 10) * 219 / 255.0, 1);
  }
}

TEST(LiveCamera, ThatIsMissingIsTriedAgain) {
  const TempFolder folder;
  const auto device = folder / "video9";
  const LiveOutputOptions options = live_options();
  FakeCamera::is_on = true;
  LiveOutput output("v4l2:" + device.string(), options);
  ASSERT_TRUE(wait_until([&] { return !output.statistics().last_error.empty(); }));
  write_text(device, "");
  output.push(live_frame(0, options));
  EXPECT_TRUE(wait_for_state(output, LiveState::kLive));
  output.finish(20s);
  FakeCamera::is_on = false;
  EXPECT_EQ(output.statistics().frames_sent, 1);
}

/// One test: SDL keeps the driver that it has found first.
TEST(LivePreview, ShowsPicturesOrSaysThatThereIsNoDisplay) {
  const LiveOutputOptions options = live_options();
  setenv("SDL_VIDEODRIVER", "nothing", 1);
  LiveOutput blind("preview:", options);
  EXPECT_TRUE(wait_for_state(blind, LiveState::kEnded));
  EXPECT_NE(blind.statistics().last_error.find("no window"), std::string::npos);

  setenv("SDL_VIDEODRIVER", "dummy", 1);
  LiveOutput output("preview:", options);
  for (FrameIndex i = 0; i < 10; ++i) output.push(live_frame(i, options));
  output.finish(20s);
  EXPECT_EQ(output.statistics().last_error, "");
  EXPECT_EQ(output.statistics().frames_sent, 10);
}

/// Standard output is a pipe for as long as this lives.
class PipedOutput {
 public:
  PipedOutput() : kept_(dup(STDOUT_FILENO)) {
    std::fflush(stdout);
    int ends[2];
    if (pipe(ends) != 0) std::abort();
    dup2(ends[1], STDOUT_FILENO);
    close(ends[1]);
    reader_ = ends[0];
  }
  ~PipedOutput() {
    close_reader();
    dup2(kept_, STDOUT_FILENO);
    close(kept_);
  }
  PipedOutput(const PipedOutput&) = delete;
  PipedOutput& operator=(const PipedOutput&) = delete;

  int reader() const { return reader_; }
  void close_reader() {
    if (reader_ >= 0) close(reader_);
    reader_ = -1;
  }

 private:
  int kept_;
  int reader_ = -1;
};

TEST(LiveRaw, WritesThePicturesBytes) {
  const LiveOutputOptions options = live_options();
  std::string read;
  {
    const PipedOutput piped;
    LiveOutput output("raw:-", options);
    for (FrameIndex i = 0; i < 10; ++i) output.push(live_frame(i, options));
    const std::size_t size = 10 * live_frame(0, options).picture->rgb.size();
    std::string buffer(65536, 0);
    while (read.size() < size) {
      const ssize_t got = ::read(piped.reader(), buffer.data(), buffer.size());
      if (got <= 0) break;
      read.append(buffer, 0, static_cast<std::size_t>(got));
    }
    output.finish(20s);
  }
  std::string pushed;
  for (FrameIndex i = 0; i < 10; ++i) {
    const LiveFrame frame = live_frame(i, options);
    pushed.append(frame.picture->rgb.begin(), frame.picture->rgb.end());
  }
  EXPECT_TRUE(read == pushed);
}

TEST(LiveRaw, WritesTransparencyBehindTheColours) {
  LiveOutputOptions options = live_options();
  options.alpha = true;
  LiveFrame frame = live_frame(3, options);
  std::vector<std::uint8_t> alpha(frame.picture->rgb.size() / 3);
  for (std::size_t i = 0; i < alpha.size(); ++i) alpha[i] = static_cast<std::uint8_t>(i % 251);
  frame.alpha = std::make_shared<const std::vector<std::uint8_t>>(alpha);
  for (const char* target : {"raw:rgba:-", "raw:bgra:-"}) {
    SCOPED_TRACE(target);
    std::string read;
    {
      const PipedOutput piped;
      LiveOutput output(target, options);
      output.push(frame);
      std::string buffer(65536, 0);
      while (read.size() < 4 * alpha.size()) {
        const ssize_t got = ::read(piped.reader(), buffer.data(), buffer.size());
        if (got <= 0) break;
        read.append(buffer, 0, static_cast<std::size_t>(got));
      }
      output.finish(20s);
    }
    ASSERT_EQ(read.size(), 4 * alpha.size());
    const bool turned = std::string(target) == "raw:bgra:-";
    for (std::size_t i = 0; i < alpha.size(); ++i) {
      ASSERT_EQ(static_cast<std::uint8_t>(read[4 * i]),
                frame.picture->rgb[3 * i + (turned ? 2 : 0)]);
      ASSERT_EQ(static_cast<std::uint8_t>(read[4 * i + 3]), alpha[i]);
    }
  }
}

TEST(LiveRaw, AReaderThatGoesEndsIt) {
  const LiveOutputOptions options = live_options();
  PipedOutput piped;
  LiveOutput output("raw:-", options);
  output.push(live_frame(0, options));
  piped.close_reader();
  EXPECT_TRUE(wait_until([&] {
    output.push(live_frame(1, options));
    return output.statistics().state == LiveState::kEnded;
  }));
  EXPECT_NE(output.statistics().last_error.find("Broken pipe"), std::string::npos);
}

TEST(LiveRaw, AReaderThatDoesNotReadHoldsNobodyUp) {
  LiveOutputOptions options = live_options();
  options.queue_frames = 5;
  const PipedOutput piped;
  LiveOutput output("raw:-", options);
  FrameIndex index = 0;
  EXPECT_TRUE(wait_until([&] {
    output.push(live_frame(index++, options));
    return output.statistics().frames_dropped > 20;
  }));
  const auto begin = std::chrono::steady_clock::now();
  output.finish(100ms);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 10s);
  EXPECT_EQ(output.statistics().state, LiveState::kEnded);
}

}  // namespace
}  // namespace visema
