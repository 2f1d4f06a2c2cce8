#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "face_covers.h"
#include "session_fixture.h"
#include "visema/landmarks/avatar.h"
#include "visema/landmarks/canonical_face.h"
#include "visema/landmarks/face_tracker.h"
#include "visema/landmarks/head_pose.h"
#include "visema/media/video_writer.h"

namespace visema::session {
namespace {

const std::filesystem::path kClip = kData / "clips/grid-many/0004.mp4";
constexpr int kFrames = 50;
constexpr int kFirst = 8;  // with something before the face
constexpr int kLast = 16;

/// Colour of what is before the face; `x`, `y` -1..1 within it.
using Texture = Point3 (*)(float x, float y);

Point3 microphone(float x, float y) {
  const float gloss = 90 * std::exp(-8 * ((x + 0.4F) * (x + 0.4F) + (y + 0.4F) * (y + 0.4F)));
  const float grid = 12 * std::sin(40 * x) * std::sin(40 * y);
  return {28 + gloss + grid, 28 + gloss + grid, 32 + gloss + grid};
}

/// Fingers beside each other, lighter than the face.
Point3 hand(float x, float y) {
  const float finger = 0.82F + 0.18F * std::abs(std::sin(6.3F * x));
  const float shade = finger * (1 - 0.1F * y);
  return {240 * shade, 196 * shade, 172 * shade};
}

struct Thing {
  const char* name;
  Texture texture;
  float width, height;  // half, canonical units
};

void PrintTo(const Thing& thing, std::ostream* out) {
  *out << thing.name;
}

/// A video of a talking face with a thing that comes up before chin and lips and goes down again.
class OcclusionTest : public SessionTest, public testing::WithParamInterface<Thing> {
 protected:
  void SetUp() override {
    SessionTest::SetUp();
    if (IsSkipped()) return;
    if (!has(kClip)) GTEST_SKIP() << "shared clips are not here";
    frames_ = all_frames(kClip);
    ASSERT_GE(frames_.size(), static_cast<std::size_t>(kFrames));
    frames_.resize(kFrames);
    FaceTracker tracker(built_models().models);
    face_ = *tracker.track(frames_.front());
    VideoWriterOptions options;
    options.width = frames_[0].image.width;
    options.height = frames_[0].image.height;
    options.fps = {25, 1};
    options.crf = 0;
    options.preset = "ultrafast";
    VideoWriter writer(folder_ / "covered.mkv", options);
    for (int i = 0; i < kFrames; ++i) {
      if (i >= kFirst && i <= kLast) draw(i);
      writer.write_video(frames_[i].image);
    }
    writer.finish();
    frames_ = all_frames(folder_ / "covered.mkv");
    write_wav(folder_ / "sound.wav", std::vector<float>(16000, 0.0F), 16000);
  }

  Point2 centre(int frame) const {
    const float down = 0.5F - 0.4F * std::sin(static_cast<float>(M_PI) * (frame - kFirst + 1) /
                                              (kLast - kFirst + 2));
    return {face_.mesh[14].x + 0.12F * face_.pose.scale,
            face_.mesh[14].y + (0.2F + down) * face_.pose.scale};
  }

  /// -1..1 within the thing.
  Point2 within(int frame, int x, int y) const {
    const Point2 middle = centre(frame);
    return {(static_cast<float>(x) + 0.5F - middle.x) / (GetParam().width * face_.pose.scale),
            (static_cast<float>(y) + 0.5F - middle.y) / (GetParam().height * face_.pose.scale)};
  }

  void draw(int frame) {
    Image& image = frames_[frame].image;
    for (int y = 0; y < image.height; ++y)
      for (int x = 0; x < image.width; ++x) {
        const Point2 p = within(frame, x, y);
        if (p.x * p.x + p.y * p.y > 1) continue;
        const Point3 colour = GetParam().texture(p.x, p.y);
        std::uint8_t* to = image.at(x, y);
        to[0] = static_cast<std::uint8_t>(std::clamp(colour.x, 0.0F, 255.0F));
        to[1] = static_cast<std::uint8_t>(std::clamp(colour.y, 0.0F, 255.0F));
        to[2] = static_cast<std::uint8_t>(std::clamp(colour.z, 0.0F, 255.0F));
      }
  }

  std::vector<VideoFrame> rendered(bool occlusion) const {
    RenderOptions wanted =
        options(folder_ / "covered.mkv", folder_ / "sound.wav", occlusion ? "auto.mkv" : "off.mkv");
    wanted.fps = "source";
    wanted.crf = 0;
    wanted.preset = "ultrafast";
    wanted.occlusion = occlusion;
    covered_frames_ = render(wanted).source_frames_covered;
    return all_frames(wanted.out);
  }

  std::vector<VideoFrame> frames_;
  TrackedFace face_;
  mutable std::int64_t covered_frames_ = 0;
};

double squared(const std::uint8_t* a, const std::uint8_t* b) {
  double sum = 0;
  for (int c = 0; c < 3; ++c) sum += (a[c] - b[c]) * (a[c] - b[c]);
  return sum / 3;
}

TEST_P(OcclusionTest, WhatIsBeforeTheMouthSurvives) {
  const auto off = rendered(false);
  EXPECT_EQ(covered_frames_, 0);
  const auto kept = rendered(true);
  EXPECT_GE(covered_frames_, 5);
  EXPECT_LE(covered_frames_, kLast - kFirst + 5);
  ASSERT_GT(kept.size(), static_cast<std::size_t>(kLast + 6));
  // Of the thing's pixels, those that are painted over without a mask.
  double with = 0, without = 0;
  int count = 0;
  for (int i = kFirst + 1; i < kLast; ++i)
    for (int y = 0; y < kept[i].image.height; ++y)
      for (int x = 0; x < kept[i].image.width; ++x) {
        const Point2 p = within(i, x, y);
        const std::uint8_t* own = frames_[i].image.at(x, y);
        if (p.x * p.x + p.y * p.y > 0.9F) continue;
        const double harm = squared(off[i].image.at(x, y), own);
        if (harm < 15.0 * 15.0) continue;
        ++count;
        without += harm;
        with += squared(kept[i].image.at(x, y), own);
      }
  ASSERT_GT(count, 1000);
  const double psnr = 10 * std::log10(255.0 * 255.0 * count / (with + 1e-9));
  const double psnr_off = 10 * std::log10(255.0 * 255.0 * count / without);
  std::printf("%s: %.1f dB kept, %.1f dB painted over, %d pixels, %ld frames\n", GetParam().name,
              psnr, psnr_off, count, static_cast<long>(covered_frames_));
  EXPECT_GT(psnr, 27);
  // Far from it in time the pictures are made of the same parts, but for the references.
  EXPECT_EQ(kept.size(), off.size());
}

TEST_P(OcclusionTest, AnAvatarKeepsWhatIsBeforeItsFace) {
  EnrollOptions enrolling;
  enrolling.source = folder_ / "covered.mkv";
  enrolling.out = folder_ / "covered.avatar";
  enrolling.models = built_models();
  const EnrollReport report = enroll(enrolling);
  const Avatar avatar = load_avatar(enrolling.out);
  EXPECT_GE(report.frames_covered, 5);
  ASSERT_EQ(static_cast<std::int64_t>(avatar.covers.size()), report.frames_covered);
  for (const FaceCover& cover : avatar.covers) {
    EXPECT_NEAR(static_cast<double>(cover.frame), (kFirst + kLast) / 2.0, 7);
    EXPECT_EQ(cover.mask.size(), static_cast<std::size_t>(kCoverTexels));
    EXPECT_EQ(avatar.cover_at(cover.frame), &cover);
  }
  EXPECT_EQ(avatar.cover_at(kFrames - 1), nullptr);
}

INSTANTIATE_TEST_SUITE_P(Of, OcclusionTest,
                         testing::Values(Thing{"Microphone", microphone, 0.24F, 0.3F},
                                         Thing{"Hand", hand, 0.4F, 0.25F}),
                         [](const auto& info) { return info.param.name; });

TEST_F(SessionTest, ASampleOfFlatFacesIsSpreadOverALongVideo) {
  const auto canonical = CanonicalFace::load(built_models().models / "canonical_face.safetensors");
  const FaceAtlas atlas(canonical.mesh(), canonical.triangles());
  TrackedFace face;
  face.pose.scale = 60;
  face.pose.translation = {100, 70, 0};
  face.mesh = project(canonical.mesh(), face.pose);
  FlatFaceSample sample(atlas);
  constexpr int kMany = 600;
  for (int i = 0; i < kMany; ++i) {
    Image picture(200, 200);
    std::fill(picture.rgb.begin(), picture.rgb.end(), static_cast<std::uint8_t>(10 + i / 3));
    sample.add(picture, face);
  }
  ASSERT_EQ(sample.faces().size(), static_cast<std::size_t>((kMany + 7) / 8));
  for (std::size_t i = 0; i < sample.faces().size(); ++i)
    EXPECT_EQ(sample.faces()[i].texels.at(kAtlasSide / 2, kAtlasSide / 2)[1], 10 + 8 * i / 3) << i;
}

/// Nothing is before the face: the same picture, bit by bit, whether it is looked for or not.
TEST_F(SessionTest, WithNothingBeforeTheFaceOcclusionChangesNothing) {
  if (!has(kClip)) GTEST_SKIP() << "shared clips are not here";
  write_wav(folder_ / "sound.wav", std::vector<float>(8000, 0.0F), 16000);
  std::vector<std::vector<VideoFrame>> made;
  for (const bool occlusion : {true, false}) {
    RenderOptions wanted = options(kClip, folder_ / "sound.wav", occlusion ? "a.mkv" : "b.mkv");
    wanted.occlusion = occlusion;
    EXPECT_EQ(render(wanted).source_frames_covered, 0);
    made.push_back(all_frames(wanted.out));
  }
  ASSERT_EQ(made[0].size(), made[1].size());
  for (std::size_t i = 0; i < made[0].size(); ++i)
    EXPECT_EQ(made[0][i].image.rgb, made[1][i].image.rgb) << i;
}

}  // namespace
}  // namespace visema::session
