#include "fine_mouth.h"

#include <gtest/gtest.h>

#include <cmath>
#include <utility>
#include <vector>

#include "synthetic_face.h"
#include "visema/renderer/mouth_mask.h"

namespace visema {
namespace {

/// A picture that is `scale` pixels wide for the distance of the eyes, with stripes of two pixels
/// down the mouth that a crop cannot show.
FaceReference striped(float scale) {
  const auto side = static_cast<int>(4 * scale);
  FaceReference reference;
  reference.picture = Image(side, side);
  reference.pose = test::pose_at(2 * scale, 1.7F * scale, scale);
  reference.mesh = test::place(test::open_mouth(test::synthetic_face().mesh, 0.2F), reference.pose);
  for (int y = 0; y < side; ++y)
    for (int x = 0; x < side; ++x)
      for (int c = 0; c < 3; ++c) reference.picture.at(x, y)[c] = x / 2 % 2 == 0 ? 100 : 140;
  return reference;
}

FineMouth mouth_of(const FaceReference& reference) {
  const Reference crop = rectify(reference);
  return {reference, crop, MouthInside(crop, reference.pose)};
}

struct Detail {
  double inside = 0, outside = 0;  // root mean square
};

Detail detail_of(FineMouth mouth, const FaceReference& reference, float most) {
  const FacePoints target = rectify(reference).points;
  std::vector<float> inner(kCropPixels);
  inner_lip_distance(target, inner);
  for (float& v : inner) v /= kContourReach;
  if (!mouth.aim(target, reference.pose, inner, most)) return {};
  Detail sum;
  int in = 0, out = 0;
  for (float y = 0.5F; y < kCropSize; ++y)
    for (float x = 0; x < kCropSize; x += 0.25F) {
      const float depth =
          inner[static_cast<int>(y) * kCropSize + static_cast<int>(x)] * kContourReach;
      const Vec4 level = mouth.at({x, y});
      if (depth > 4) sum.inside += level[1] * level[1], ++in;
      if (depth < -1) sum.outside += level[1] * level[1], ++out;
    }
  return {std::sqrt(sum.inside / std::max(in, 1)), std::sqrt(sum.outside / std::max(out, 1))};
}

TEST(FineMouth, AddsInsideTheLipsWhatTheCropLeavesOut) {
  const FaceReference reference = striped(3 * kCropScale);
  const Detail whole = detail_of(mouth_of(reference), reference, 1);
  EXPECT_GT(whole.inside, 10);  // of stripes of +-20
  EXPECT_EQ(whole.outside, 0);
  EXPECT_NEAR(detail_of(mouth_of(reference), reference, 0.5F).inside, whole.inside / 2,
              0.01 * whole.inside);
  EXPECT_EQ(detail_of(mouth_of(reference), reference, 0).inside, 0);
}

TEST(FineMouth, APictureAsCoarseAsTheCropHasNothingToAdd) {
  const FaceReference reference = striped(kCropScale);
  EXPECT_EQ(detail_of(mouth_of(reference), reference, 1).inside, 0);
}

}  // namespace
}  // namespace visema
