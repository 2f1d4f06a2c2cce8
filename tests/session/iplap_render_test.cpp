#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <string>

#include "ip_lap_formula.h"
#include "session_fixture.h"
#include "visema/core/error.h"
#include "visema/core/iplap_points.h"
#include "visema/landmarks/face_tracker.h"
#include "visema/media/probe.h"
#include "visema/media/video_writer.h"
#include "visema/models/ip_lap_landmark_network.h"
#include "visema/models/ip_lap_renderer_network.h"
#include "visema/renderer/iplap_face.h"

namespace visema::session {
namespace {

using testing::HasSubstr;

const std::filesystem::path kSpeaker = kData / "full/iplap-template-129.mp4";
const std::filesystem::path kPortrait = kData / "portraits/photo-front-1.jpg";
constexpr int kFrames = 6;
constexpr int kWithoutFace = 3;  // the clip's only frame that shows none

std::vector<float> tone(double seconds) {
  std::vector<float> samples(static_cast<std::size_t>(seconds * 16000));
  for (std::size_t i = 0; i < samples.size(); ++i)
    samples[i] =
        0.3F * static_cast<float>(std::sin(2 * M_PI * 220 * static_cast<double>(i) / 16000));
  return samples;
}

/// Mean difference of two pictures' bytes inside or outside a box.
double difference(const Image& a, const Image& b, const PixelBox& box, bool inside) {
  double sum = 0;
  std::int64_t count = 0;
  for (int y = 0; y < a.height; ++y)
    for (int x = 0; x < a.width; ++x) {
      if ((x >= box.x0 && x < box.x1 && y >= box.y0 && y < box.y1) != inside) continue;
      for (int c = 0; c < 3; ++c) sum += std::abs(a.at(x, y)[c] - b.at(x, y)[c]);
      count += 3;
    }
  return sum / static_cast<double>(count);
}

std::int64_t status_bytes(const std::string& key) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with(key)) return std::atoll(line.c_str() + key.size() + 1) * 1024;
  return 0;
}

/// A model folder whose weights are filled by a formula: the networks as published, untrained.
class IplapRenderTest : public SessionTest {
 protected:
  static void SetUpTestSuite() {
    model_ = std::filesystem::temp_directory_path() / ("visema-ip-lap-" + std::to_string(getpid()));
    std::filesystem::create_directories(model_);
    write_formula_weights(ip_lap_landmark_tensors(),
                          {kIpLapLandmarksName, kIpLapLandmarksVersion, "{}", "{}"},
                          model_ / "landmarks.safetensors");
    write_formula_weights(ip_lap_renderer_tensors(),
                          {kIpLapRendererName, kIpLapRendererVersion, "{}", "{}"},
                          model_ / "renderer.safetensors");
  }
  static void TearDownTestSuite() { std::filesystem::remove_all(model_); }

  /// The first frames of a speaker, one of them replaced by grey.
  std::filesystem::path clip() const {
    std::vector<VideoFrame> frames;
    VideoReader reader(kSpeaker);
    while (frames.size() < kFrames) frames.push_back(*reader.read());
    Image& grey = frames[kWithoutFace].image;
    std::fill(grey.rgb.begin(), grey.rgb.end(), 128);
    VideoWriterOptions options;
    options.width = grey.width;
    options.height = grey.height;
    options.crf = 1;
    const auto path = folder_ / "clip.mp4";
    VideoWriter writer(path, options);
    for (const VideoFrame& frame : frames) writer.write_video(frame.image);
    writer.finish();
    return path;
  }

  RenderOptions iplap(const std::filesystem::path& source, double seconds, int references) const {
    write_wav(folder_ / "speech.wav", tone(seconds), 16000);
    RenderOptions result = options(source, folder_ / "speech.wav");
    result.ip_lap.model = model_;
    result.ip_lap.references = references;
    result.compute.precision = "fp32";
    result.crf = 1;
    return result;
  }

  static inline std::filesystem::path model_;
};

TEST_F(IplapRenderTest, PaintsFacesAndNothingElse) {
  if (!has(kSpeaker)) GTEST_SKIP() << "shared clips are not here";
  const auto source = clip();
  const RenderOptions dub = iplap(source, 0.04 * kFrames, 3);
  const RenderReport report = render(dub);
  EXPECT_EQ(report.frames, kFrames);
  EXPECT_EQ(report.source_frames_without_face, 1);
  EXPECT_EQ(report.model_name, kIpLapRendererName);
  EXPECT_EQ(report.model_sha256.size(), 64U);
  const MediaInfo info = probe(dub.out, ProbeDepth::kDecoded);
  ASSERT_NE(info.first(StreamKind::kAudio), nullptr);
  EXPECT_NEAR(info.first(StreamKind::kAudio)->duration_s, 0.04 * kFrames, 1024.0 / 16000);

  const auto before = all_frames(source), after = all_frames(dub.out);
  ASSERT_EQ(before.size(), kFrames);
  ASSERT_EQ(after.size(), kFrames);
  FaceTracker tracker(built_models().models);
  for (int f = 0; f < kFrames; ++f) {
    const Image &was = before[f].image, &is = after[f].image;
    const auto face = tracker.track(before[f]);
    if (f == kWithoutFace) {
      EXPECT_LT(difference(was, is, {0, 0, was.width, was.height}, true), 1.5) << f;
      continue;
    }
    ASSERT_TRUE(face) << f;
    const PixelBox crop =
        iplap_crop(iplap_points(face->mesh), kIplapMarginAuto, was.width, was.height);
    EXPECT_LT(difference(was, is, crop, false), 1.5) << f;
    const bool fades = std::abs(f - kWithoutFace) == 1;  // beside a lost track
    EXPECT_GT(difference(was, is, crop, true), fades ? 2 : 8) << f;
  }
}

TEST_F(IplapRenderTest, APortraitIsOneReferenceAndStandsStill) {
  if (!has(kPortrait)) GTEST_SKIP() << "shared clips are not here";
  RenderOptions talk = iplap(kPortrait, 0.2, 25);
  talk.fps = "10";
  const RenderReport report = render(talk);
  EXPECT_EQ(report.frames, 2);
}

TEST_F(IplapRenderTest, MemoryDoesNotGrowWithTheSound) {
  if (!has(kSpeaker)) GTEST_SKIP() << "shared clips are not here";
  // After its first frames the template holds one without a face, which costs no network.
  std::vector<VideoFrame> frames;
  VideoReader reader(kSpeaker);
  frames.push_back(*reader.read());
  frames.push_back(frames.front());
  std::fill(frames.back().image.rgb.begin(), frames.back().image.rgb.end(), 128);
  VideoWriterOptions video;
  video.width = frames[0].image.width;
  video.height = frames[0].image.height;
  VideoWriter writer(folder_ / "clip.mp4", video);
  for (const VideoFrame& frame : frames) writer.write_video(frame.image);
  writer.finish();
  const auto peak_after = [&](double seconds) {
    RenderOptions talk = iplap(folder_ / "clip.mp4", seconds, 1);
    talk.loop = TemplateLoop::kHold;
    talk.fps = "10";
    talk.crf = 40;
    std::ofstream("/proc/self/clear_refs") << "5" << std::flush;  // the peak begins anew
    EXPECT_EQ(render(talk).frames, static_cast<std::int64_t>(10 * seconds));
    return status_bytes("VmHWM:");
  };
  peak_after(10);  // what the process keeps once and for all
  const std::int64_t brief = peak_after(10);
  EXPECT_LT(peak_after(110) - brief, 96 << 20);  // 1000 more pictures would be 196 MB
}

TEST_F(IplapRenderTest, RefusesWhatTheNetworksCannotFollow) {
  RenderOptions talk = iplap("face.jpg", 0.1, 30);
  talk.head_motion = HeadMotion::kNatural;
  talk.blink = true;
  talk.expression = Expression::kHappy;
  try {
    render(talk);
    FAIL() << "was rendered";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kUsage);
    for (const char* part : {"head-motion", "blink", "expression", "references = 30"})
      EXPECT_THAT(error.what(), HasSubstr(part));
  }
}

TEST_F(IplapRenderTest, AFolderWithoutTheNetworksIsAnError) {
  RenderOptions talk = iplap("face.jpg", 0.1, 3);
  std::filesystem::create_directory(folder_ / "empty");
  talk.ip_lap.model = folder_ / "empty";
  try {
    render(talk);
    FAIL() << "was rendered";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kModel);
    EXPECT_THAT(error.what(), HasSubstr("has no landmarks.safetensors"));
    EXPECT_THAT(error.what(), HasSubstr("visema import ip-lap"));
  }
  EXPECT_FALSE(std::filesystem::exists(talk.out));
}

}  // namespace
}  // namespace visema::session
