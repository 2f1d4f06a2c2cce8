#include "mouth_inside.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <span>
#include <vector>

#include "synthetic_face.h"
#include "visema/renderer/mouth_mask.h"

namespace visema {
namespace {

constexpr float kGrey = 120.0F / 255;
constexpr int kTeeth = 7;  // their height, crop pixels

/// A mouth in the crop whose inside is white teeth above and dark below.
class MouthInsideTest : public testing::Test {
 protected:
  FacePoints points(float opened, const HeadPose& pose) const {
    return map_points(test::place(test::open_mouth(face_.mesh, opened), pose),
                      crop_from_picture(pose));
  }
  Reference reference(float opened) const {
    Reference made{Image(kCropSize, kCropSize), points(opened, pose_)};
    std::fill(made.crop.rgb.begin(), made.crop.rgb.end(), 120);
    std::vector<float> inner(kCropPixels);
    inner_lip_distance(made.points, inner);
    for (int x = 0; x < kCropSize; ++x)
      for (int y = 0, depth = 0; y < kCropSize; ++y)
        if (inner[y * kCropSize + x] > 0) {
          const std::uint8_t v = depth++ < teeth_ ? 240 : 20;
          for (int c = 0; c < 3; ++c) made.crop.at(x, y)[c] = v;
        }
    return made;
  }
  /// The generator's grey picture of a target, painted over.
  std::vector<float> painted(float reference_opened, float opened, const HeadPose& pose) {
    const FacePoints target = points(opened, pose);
    planes_.assign(kGeneratorInputSize, kGrey);
    const auto plane = [&](int index) {
      return std::span(planes_).subspan(static_cast<std::size_t>(index) * kCropPixels, kCropPixels);
    };
    inner_lip_distance(target, plane(kInnerLipPlane));
    outer_lip_distance(target, plane(kOuterLipPlane));
    for (const int contour : {kInnerLipPlane, kOuterLipPlane})
      for (float& v : plane(contour)) v = std::clamp(v / kContourReach, -1.0F, 1.0F);
    std::vector<float> result(4 * kCropPixels, kGrey);
    std::fill(result.begin() + 3 * kCropPixels, result.end(), 1.0F);
    paint(MouthInside(reference(reference_opened), pose_), target, pose, result);
    return result;
  }
  void paint(const MouthInside& inside, const FacePoints& target, const HeadPose& pose,
             std::vector<float>& result) const {
    inside.paint(target, pose,
                 std::span(planes_).subspan(kInnerLipPlane * kCropPixels, kCropPixels),
                 MouthInside::light(planes_, result), result);
  }
  /// Bright pixels down the middle of the mouth.
  static int teeth(const std::vector<float>& result) {
    int count = 0;
    for (int y = 0; y < kCropSize; ++y) count += result[y * kCropSize + kCropSize / 2] > 0.7F;
    return count;
  }
  static int dark(const std::vector<float>& result) {
    int count = 0;
    for (int y = 0; y < kCropSize; ++y) count += result[y * kCropSize + kCropSize / 2] < 0.2F;
    return count;
  }

  const test::SyntheticFace& face_ = test::synthetic_face();
  HeadPose pose_ = test::pose_at(200, 160, 90);
  std::vector<float> planes_;
  int teeth_ = kTeeth;
};

TEST_F(MouthInsideTest, ShowsTheReferencesTeethInsideTheLipsOnly) {
  const std::vector<float> result = painted(0.2F, 0.2F, pose_);
  EXPECT_NEAR(teeth(result), kTeeth - 1, 2);  // the edge fades
  EXPECT_GT(dark(result), 8);
  for (int i = 0; i < kCropPixels; ++i) {
    if (planes_[static_cast<std::size_t>(kInnerLipPlane) * kCropPixels + i] > 0) continue;
    for (int c = 0; c < 3; ++c) ASSERT_EQ(result[c * kCropPixels + i], kGrey);
  }
}

TEST_F(MouthInsideTest, TeethKeepTheirSizeAndTheDarkGivesWay) {
  const std::vector<float> wide = painted(0.2F, 0.2F, pose_);
  const std::vector<float> less = painted(0.2F, 0.12F, pose_);
  EXPECT_NEAR(teeth(less), teeth(wide), 2);
  EXPECT_LT(dark(less), dark(wide) - 5);
}

TEST_F(MouthInsideTest, RowsOfTeethPartAndItGetsDarkBetweenThem) {
  teeth_ = 100;  // no dark in the picture
  const std::vector<float> same = painted(0.2F, 0.2F, pose_);
  EXPECT_EQ(dark(same), 0);
  const std::vector<float> wider = painted(0.2F, 0.3F, pose_);
  EXPECT_GE(dark(wider), 4);
  EXPECT_NEAR(teeth(wider), teeth(same), 4);
}

TEST_F(MouthInsideTest, AMouthThatNobodyHasSeenOpenIsDarkBelowItsTeeth) {
  const auto made_up = [&](float reference_opened, float opened) {
    std::vector<float> result = painted(0, opened, pose_);  // leaves the generator's grey
    MouthInside(reference(reference_opened), pose_)
        .darken_unknown(points(opened, pose_),
                        std::span(planes_).subspan(kInnerLipPlane * kCropPixels, kCropPixels),
                        MouthInside::light(planes_, result), result);
    return result;
  };
  const std::vector<float> wide = made_up(0, 0.25F);
  const auto inner = std::span(planes_).subspan(kInnerLipPlane * kCropPixels, kCropPixels);
  std::vector<float> down;  // the middle of the mouth
  for (int y = 0; y < kCropSize; ++y)
    if (inner[y * kCropSize + kCropSize / 2] > 0)
      down.push_back(wide[y * kCropSize + kCropSize / 2]);
  ASSERT_GT(down.size(), 12U);
  for (std::size_t i = 0; i < down.size() / 5; ++i) EXPECT_EQ(down[i], kGrey) << i;
  EXPECT_LT(down[down.size() * 3 / 4], 0.6F * kGrey);
  for (int i = 0; i < kCropPixels; ++i)
    if (inner[i] <= 0) ASSERT_EQ(wide[i], kGrey) << "outside the lips";
  const std::vector<float> narrow = made_up(0, 0.005F);
  EXPECT_GT(*std::min_element(narrow.begin(), narrow.end()), 0.8F * kGrey) << "hardly open";
  EXPECT_EQ(made_up(0.25F, 0.25F), painted(0, 0.25F, pose_)) << "its inside is known";
}

TEST_F(MouthInsideTest, PlacesAreWhereTheShownColoursComeFrom) {
  for (const float opened : {0.12F, 0.2F, 0.3F}) {  // less, as far and farther than the picture
    const Reference open = reference(0.2F);
    const MouthInside inside(open, pose_);
    const std::vector<float> shown = painted(0.2F, opened, pose_);
    std::vector<Vec4> places(kCropPixels);
    ASSERT_TRUE(inside.places(points(opened, pose_), pose_,
                              std::span(planes_).subspan(kInnerLipPlane * kCropPixels, kCropPixels),
                              places));
    int compared = 0;
    for (int i = 0; i < kCropPixels; ++i) {
      if (places[i][2] < 1) continue;  // blended with the generator's picture or with the dark
      const auto at = [](float v) { return std::clamp(static_cast<int>(v), 0, kCropSize - 1); };
      const int x = at(places[i][0]), y = at(places[i][1]);
      const std::uint8_t from = open.crop.at(x, y)[0];
      if (open.crop.at(x, at(y - 1.5F))[0] != from || open.crop.at(x, y + 2)[0] != from ||
          open.crop.at(at(x - 1), y)[0] != from || open.crop.at(x + 1, y)[0] != from)
        continue;  // an edge
      ASSERT_NEAR(shown[i] * 255, from, 6) << opened << " pixel " << i;
      ++compared;
    }
    EXPECT_GT(compared, 30) << opened;
  }
  std::vector<Vec4> none(kCropPixels);
  EXPECT_FALSE(MouthInside(reference(0), pose_)
                   .places(points(0.2F, pose_), pose_,
                           std::span(planes_).subspan(kInnerLipPlane * kCropPixels, kCropPixels),
                           none));
}

TEST_F(MouthInsideTest, AWiderPictureShowsWiderMouths) {
  const MouthInside open(reference(0.15F), pose_), wide(reference(0.3F), pose_);
  EXPECT_EQ(open.share_of(wide, points(0.15F, pose_)), 0);
  EXPECT_EQ(open.share_of(wide, points(0.3F, pose_)), 1);
  EXPECT_EQ(wide.share_of(open, points(0.4F, pose_)), 0);
}

TEST_F(MouthInsideTest, TheLightOfOnePictureTellsThatOfAnother) {
  Reference bright = reference(0.3F);
  for (std::uint8_t& v : bright.crop.rgb) v = static_cast<std::uint8_t>(std::min(2 * v, 255));
  const MouthInside open(reference(0.2F), pose_), wide(bright, pose_);
  const MouthInside::Light light = wide.light_like(open, {1, 0.8F, 1.2F});
  EXPECT_NEAR(light[0], 0.53F, 0.02F);
  EXPECT_NEAR(light[1], 0.8F * light[0], 1e-4F);
  EXPECT_NEAR(light[2], 1.2F * light[0], 1e-4F);
}

TEST_F(MouthInsideTest, ColoursFollowTheLightAroundTheLips) {
  const FacePoints target = points(0.2F, pose_);
  painted(0.2F, 0.2F, pose_);  // sets the planes
  std::vector<float> darker(4 * kCropPixels, kGrey / 2);
  std::fill(darker.begin() + 3 * kCropPixels, darker.end(), 1.0F);
  paint(MouthInside(reference(0.2F), pose_), target, pose_, darker);
  float brightest = 0;
  for (int i = 0; i < kCropPixels; ++i) brightest = std::max(brightest, darker[i]);
  EXPECT_LT(brightest, 0.7F);
  EXPECT_GT(brightest, 0.4F);
}

TEST_F(MouthInsideTest, LeavesTheGeneratorsPictureWhereTheReferenceIsNoMeasure) {
  const auto untouched = [](const std::vector<float>& result) {
    return std::all_of(result.begin(), result.begin() + 3 * kCropPixels,
                       [](float v) { return v == kGrey; });
  };
  EXPECT_TRUE(untouched(painted(0, 0.2F, pose_)));       // a closed mouth has no inside
  EXPECT_TRUE(untouched(painted(0.2F, -0.01F, pose_)));  // lips that hardly part
  EXPECT_TRUE(untouched(painted(0.06F, 0.35F, pose_)));  // much wider than the reference
  EXPECT_TRUE(untouched(painted(0.2F, 0.2F, test::pose_at(200, 160, 90, 0, 0.6F))));
  EXPECT_FALSE(untouched(painted(0.2F, 0.2F, test::pose_at(200, 160, 90, 0, 0.05F))));
}

}  // namespace
}  // namespace visema
