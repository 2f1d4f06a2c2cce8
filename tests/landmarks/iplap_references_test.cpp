#include "visema/landmarks/iplap_references.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace visema {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// A face `scale` pixels a unit whose lips stand `gap` units apart.
LandmarkFrame face(float gap, float scale = 100) {
  LandmarkFrame frame;
  frame.face.emplace();
  frame.face->mesh = {};
  frame.face->mesh[17].y = gap * scale;
  frame.face->pose.scale = scale;
  return frame;
}

TEST(IplapReferences, SpreadOverTheOpennessOfTheLips) {
  const std::vector<LandmarkFrame> frames = {face(0.5F), face(0.1F), face(0.3F), face(0.2F),
                                             face(0.4F)};
  EXPECT_THAT(iplap_references(frames, 5), ElementsAre(1, 3, 2, 4, 0));
  EXPECT_THAT(iplap_references(frames, 3), ElementsAre(1, 2, 0));
  EXPECT_THAT(iplap_references(frames, 1), ElementsAre(1));
}

TEST(IplapReferences, DoNotDependOnTheSizeOfTheFace) {
  const std::vector<LandmarkFrame> frames = {face(0.2F, 400), face(0.3F, 50), face(0.1F, 900)};
  EXPECT_THAT(iplap_references(frames, 3), ElementsAre(2, 0, 1));
}

TEST(IplapReferences, RepeatWhenThereAreFewFacesAndPassFramesWithout) {
  EXPECT_THAT(iplap_references({face(0.2F)}, 3), ElementsAre(0, 0, 0));
  EXPECT_THAT(iplap_references({LandmarkFrame{}, face(0.2F), LandmarkFrame{}, face(0.1F)}, 4),
              ElementsAre(3, 3, 3, 1));
  EXPECT_THAT(iplap_references({LandmarkFrame{}}, 4), IsEmpty());
}

}  // namespace
}  // namespace visema
