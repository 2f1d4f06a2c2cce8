#include "likely_face.h"

#include <gtest/gtest.h>

#include "visema/landmarks/face_regions.h"

namespace visema {
namespace {

/// Row 0 opens the mouth and takes the chin along, row 1 moves the chin alone.
BasisPart two_rows() {
  BasisPart part;
  part.count = 2;
  part.deviation = {1, 0.3F};
  part.rows.assign(2 * kMeshPoints * 3, 0);
  for (const auto lip : kLips) part.rows[lip * 3 + 1] = 0.1F;
  part.rows[152 * 3 + 1] = 0.08F;
  part.rows[(kMeshPoints + 152) * 3 + 1] = 0.1F;
  return part;
}

TEST(LikelyFace, KeepsTheLipsAndDropsWhatTheyDoNotTell) {
  const LikelyFace face(two_rows());
  std::vector<float> coefficients = {0.8F, -1.2F};
  face.apply(coefficients);
  EXPECT_NEAR(coefficients[0], 0.8F, 0.01F);
  EXPECT_NEAR(coefficients[1], 0, 1e-6F);
}

TEST(LikelyFace, RestStaysAtRest) {
  const LikelyFace face(two_rows());
  std::vector<float> coefficients = {0, 0};
  face.apply(coefficients);
  EXPECT_EQ(coefficients, (std::vector<float>{0, 0}));
}

}  // namespace
}  // namespace visema
