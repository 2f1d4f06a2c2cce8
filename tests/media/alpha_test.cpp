// Pictures with transparency on their way into files and pipes.
#include <gtest/gtest.h>

#include <cmath>

#include "live_frames.h"
#include "peer.h"
#include "visema/core/error.h"
#include "visema/media/probe.h"

namespace visema {
namespace {

using namespace test;

/// Rises from left to right.
std::vector<std::uint8_t> ramp(int width, int height) {
  std::vector<std::uint8_t> alpha;
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x)
      alpha.push_back(static_cast<std::uint8_t>(255 * x / (width - 1)));
  return alpha;
}

VideoWriterOptions options_of(int width, int height) {
  VideoWriterOptions options;
  options.width = width;
  options.height = height;
  options.fps = {25, 1};
  options.alpha = true;
  options.crf = 10;
  return options;
}

/// The transparency of the first frame, as libvpx reads it; the decoder of libav's own leaves it
/// out.
std::string decoded_alpha(const fs::path& video, const TempFolder& folder) {
  const auto raw = folder / "alpha.gray";
  if (!ffmpeg("-c:v libvpx-vp9 -i '" + video.string() +
                  "' -frames:v 1 -vf alphaextract -f rawvideo -pix_fmt gray",
              raw))
    return {};
  return read_text(raw);
}

void expect_ramp(const std::string& got, int width, int height) {
  ASSERT_EQ(got.size(), static_cast<std::size_t>(width) * height);
  const auto wanted = ramp(width, height);
  double wrong = 0;
  for (std::size_t i = 0; i < wanted.size(); ++i)
    wrong += std::abs(static_cast<std::uint8_t>(got[i]) - wanted[i]);
  EXPECT_LT(wrong / static_cast<double>(wanted.size()), 3);
}

TEST(Alpha, IsInAWebmVideo) {
  if (!has_ffmpeg()) GTEST_SKIP() << "no ffmpeg";
  const TempFolder folder;
  {
    VideoWriter writer(folder / "a.webm", options_of(160, 96));
    for (int i = 0; i < 5; ++i) writer.write_video(patch(160, 96, 200, 30, 60), ramp(160, 96));
    writer.finish();
  }
  expect_ramp(decoded_alpha(folder / "a.webm", folder), 160, 96);
}

TEST(Alpha, OtherContainersRefuseIt) {
  const TempFolder folder;
  for (const char* name : {"a.mp4", "a.mov", "a.mkv"}) {
    try {
      VideoWriter(folder / name, options_of(64, 64));
      ADD_FAILURE() << name;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kUsage);
      EXPECT_NE(std::string(error.what()).find("it carries none; must be .webm"), std::string::npos)
          << error.what();
    }
  }
}

TEST(Alpha, IsInALiveRecording) {
  if (!has_ffmpeg()) GTEST_SKIP() << "no ffmpeg";
  const TempFolder folder;
  LiveOutputOptions options = live_options();
  options.alpha = true;
  {
    LiveOutput output("file:" + (folder / "a.webm").string(), options);
    for (FrameIndex i = 0; i < 25; ++i) {
      LiveFrame frame = live_frame(i, options);
      frame.alpha =
          std::make_shared<const std::vector<std::uint8_t>>(ramp(options.width, options.height));
      output.push(frame);
    }
    output.finish(60s);
    EXPECT_EQ(output.statistics().last_error, "");
  }
  expect_ramp(decoded_alpha(folder / "a.webm", folder), options.width, options.height);
  EXPECT_EQ(probe(folder / "a.webm", ProbeDepth::kDecoded).first(StreamKind::kVideo)->frames, 25);
}

TEST(Alpha, OtherLiveOutputsRefuseIt) {
  const TempFolder folder;
  LiveOutputOptions options = live_options();
  options.alpha = true;
  for (const std::string& target : {std::string("raw:-"), "file:" + (folder / "a.mkv").string(),
                                    std::string("preview:"), std::string("udp://127.0.0.1:9")})
    EXPECT_THROW(LiveOutput(target, options), Error) << target;
  EXPECT_THROW(LiveOutput("raw:argb:-", options), Error);
}

}  // namespace
}  // namespace visema
