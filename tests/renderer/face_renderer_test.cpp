#include "visema/renderer/face_renderer.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

#include "synthetic_face.h"
#include "visema/core/error.h"
#include "visema/renderer/generator_input.h"
#include "visema/renderer/motion_field.h"

namespace visema {
namespace {

/// Paints one colour with a constant blend.
FaceRenderer::Generator flat_paint(float r, float g, float b, float blend) {
  return [=](std::span<const float> planes, std::span<float> result) {
    ASSERT_EQ(planes.size(), static_cast<std::size_t>(kGeneratorInputSize));
    ASSERT_EQ(result.size(), static_cast<std::size_t>(4 * kCropPixels));
    const float values[4] = {r, g, b, blend};
    for (int c = 0; c < 4; ++c)
      for (int i = 0; i < kCropPixels; ++i) result[c * kCropPixels + i] = values[c];
  };
}

class FaceRendererTest : public testing::Test {
 protected:
  FaceMesh mesh(const HeadPose& pose, float opened = 0) const {
    return test::place(test::open_mouth(face_.mesh, opened), pose);
  }
  FaceRenderer renderer(FaceRenderer::Generator generator) const {
    const FaceReference reference{frame_, mesh(pose_), pose_};
    return FaceRenderer(face_.triangles, reference, reference, reference, std::move(generator));
  }

  const test::SyntheticFace& face_ = test::synthetic_face();
  HeadPose pose_ = test::pose_at(200, 160, 90);
  Image frame_ = test::test_picture(400, 380);
};

TEST_F(FaceRendererTest, StandingStillChangesOnlyTheMaskAndLittleThere) {
  auto render = renderer(flat_paint(0, 0, 0, 0));
  const Image out = render.render(frame_, mesh(pose_), mesh(pose_), pose_);
  const Similarity2 map = crop_from_picture(pose_);
  double sum = 0;
  int changed = 0;
  for (int y = 0; y < frame_.height; ++y)
    for (int x = 0; x < frame_.width; ++x) {
      const Point2 p = map.apply({x + 0.5F, y + 0.5F});
      const bool in_crop = p.x > 0 && p.y > 0 && p.x < kCropSize && p.y < kCropSize;
      for (int c = 0; c < 3; ++c) {
        const int difference = std::abs(out.at(x, y)[c] - frame_.at(x, y)[c]);
        if (!in_crop) {
          ASSERT_EQ(difference, 0);
        }
        sum += difference;
        changed += difference > 0;
      }
    }
  EXPECT_LT(sum, 6.0 * changed + 1);
}

TEST_F(FaceRendererTest, KeepsEveryPixelOutsideTheMovedArea) {
  auto render = renderer(flat_paint(0.4F, 0.3F, 0.3F, 1));
  const HeadPose moved = test::pose_at(203, 161, 90, 0.03F, 0.05F);
  const auto target = mesh(moved, 0.15F);
  const Image out = render.render(frame_, mesh(pose_), target, moved);
  const PixelBox box = MotionField(FaceTriangles(face_.triangles), map_points(mesh(pose_), {}),
                                   map_points(target, {}))
                           .affected();
  for (int y = 0; y < frame_.height; ++y)
    for (int x = 0; x < frame_.width; ++x) {
      if (x >= box.x0 && x < box.x1 && y >= box.y0 && y < box.y1) continue;
      for (int c = 0; c < 3; ++c) ASSERT_EQ(out.at(x, y)[c], frame_.at(x, y)[c]);
    }
}

TEST_F(FaceRendererTest, PaintsTheMouth) {
  auto render = renderer([](std::span<const float> planes, std::span<float> result) {
    const auto* lips = &planes[static_cast<std::size_t>(kOuterLipPlane) * kCropPixels];
    for (int i = 0; i < kCropPixels; ++i) {
      result[i] = 1;
      result[kCropPixels + i] = result[2 * kCropPixels + i] = 0;
      result[3 * kCropPixels + i] = lips[i] > 0 ? 1 : 0;
    }
  });
  const auto target = mesh(pose_, 0.2F);
  const Image out = render.render(frame_, mesh(pose_), target, pose_);
  // Where teeth are: what lies below is made darker.
  const auto* pixel = out.at(static_cast<int>(target[13].x),
                             static_cast<int>(0.85F * target[13].y + 0.15F * target[14].y));
  EXPECT_GT(pixel[0], 200);
  EXPECT_LT(pixel[1], 60);
}

TEST_F(FaceRendererTest, MeetsTheColourOfItsSurroundings) {
  const Image grey = [] {
    Image picture(400, 380);
    for (auto& v : picture.rgb) v = 120;
    return picture;
  }();
  auto render = renderer(flat_paint(0.43F, 0.5F, 0.43F, 1));  // 110, 128, 110
  const Image out = render.render(grey, mesh(pose_), mesh(pose_), pose_);
  for (const auto v : out.rgb) ASSERT_NEAR(v, 120, 3);
}

TEST_F(FaceRendererTest, HasNoMemory) {
  auto render = renderer(flat_paint(0.5F, 0.4F, 0.4F, 0.5F));
  const Image first = render.render(frame_, mesh(pose_), mesh(pose_, 0.1F), pose_);
  render.render(frame_, mesh(pose_), mesh(test::pose_at(220, 150, 70, 0.4F), 0.3F),
                test::pose_at(220, 150, 70, 0.4F));
  EXPECT_EQ(render.render(frame_, mesh(pose_), mesh(pose_, 0.1F), pose_).rgb, first.rgb);
}

TEST_F(FaceRendererTest, FacesOfAnySizeAndPlace) {
  auto render = renderer(flat_paint(0.5F, 0.4F, 0.4F, 0.5F));
  for (const float scale : {12.0F, 30.0F, 300.0F, 900.0F})
    for (const float x : {-50.0F, 10.0F, 395.0F, 2000.0F}) {
      const HeadPose from = test::pose_at(x, 100, scale),
                     to = test::pose_at(x + 3, 98, scale, 0.1F);
      const Image out = render.render(frame_, mesh(from), mesh(to, 0.1F), to);
      ASSERT_EQ(out.rgb.size(), frame_.rgb.size());
    }
  const Image dot(1, 1);
  EXPECT_EQ(render.render(dot, mesh(pose_), mesh(pose_, 0.1F), pose_).rgb.size(), 3U);
}

TEST_F(FaceRendererTest, AnyNumbersAreSafe) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  auto render = renderer(flat_paint(nan, 1e30F, -1e30F, nan));
  std::mt19937 random(11);
  std::uniform_real_distribution<float> uniform(-300, 700);
  for (int round = 0; round < 10; ++round) {
    FaceMesh source, target;
    for (auto* m : {&source, &target})
      for (auto& p : *m) p = {uniform(random), uniform(random), 0};
    if (round % 2 == 0) target[random() % 400].x = nan;
    HeadPose pose = pose_;
    if (round == 3) pose.scale = nan;
    if (round == 4) pose.translation.x = 1e30F;
    if (round == 5) pose.scale = 1e-20F;
    ASSERT_EQ(render.render(frame_, source, target, pose).rgb.size(), frame_.rgb.size());
  }
}

TEST_F(FaceRendererTest, RefusesAReferenceWithoutPicture) {
  const FaceReference good{frame_, mesh(pose_), pose_};
  const FaceReference bad{Image(), mesh(pose_), pose_};
  EXPECT_THROW(FaceRenderer(face_.triangles, good, bad, good, flat_paint(0, 0, 0, 0)), Error);
}

}  // namespace
}  // namespace visema
