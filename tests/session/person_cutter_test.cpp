#include "person_cutter.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <numeric>

#include "session_fixture.h"

namespace visema::session {
namespace {

const std::filesystem::path kPortrait = VISEMA_SOURCE_DIR "/.cache/demo/astronaut.png";
const std::filesystem::path kNetwork = built_models().models / "selfie.safetensors";

class PersonCutterTest : public testing::Test {
 protected:
  void SetUp() override {
    for (const auto& file : {kPortrait, kNetwork})
      if (!std::filesystem::exists(file)) GTEST_SKIP() << file << " is not there";
  }
};

/// The numbers are those of TensorFlow.js 4.22 on its CPU backend, for the same picture.
TEST_F(PersonCutterTest, TheNetworkGivesTheNumbersOfTensorFlow) {
  const auto matte = GraphNetwork(kNetwork).run(matte_input(read_image(kPortrait))).front();
  ASSERT_EQ(matte.size(), static_cast<std::size_t>(kMatteSide * kMatteSide));
  EXPECT_NEAR(std::accumulate(matte.begin(), matte.end(), 0.0) / kMatteSide / kMatteSide, 0.544322,
              1e-4);
  const std::pair<std::size_t, double> numbers[] = {
      {2664, 0.62774},  {15503, 0.86230}, {20609, 0.73456}, {28416, 0.31440},
      {36371, 0.26967}, {44178, 0.81427}, {51208, 0.47771}, {57350, 0.63204}};
  for (const auto& [at, value] : numbers) EXPECT_NEAR(matte[at], value, 2e-3) << at;
}

TEST_F(PersonCutterTest, AStillIsCutOnceAndAVideoForEachFrame) {
  TemplateSource::Frame frame{read_image(kPortrait)};
  PersonCutter still(kNetwork, true), video(kNetwork, false);
  EXPECT_EQ(still.cut(frame), still.cut(frame));
  const auto before = video.cut(frame);
  ++frame.index;
  EXPECT_NE(video.cut(frame), before);
  const Image& share = still.cut(frame)->share();
  EXPECT_EQ(*share.at(220, 130), 255) << "the face";
  EXPECT_EQ(*share.at(20, 20), 0) << "the corner";
}

}  // namespace
}  // namespace visema::session
