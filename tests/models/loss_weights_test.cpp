#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "renderer_loss_text.h"
#include "speech_loss_weights.h"
#include "visema/core/error.h"

namespace visema::training {
namespace {

std::string refusal(const std::string& text) {
  try {
    parse_loss_weights("--loss", text);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kUsage);
    return error.what();
  }
  return "";
}

TEST(SpeechLossWeights, ChangesWhatIsNamed) {
  const SpeechLossWeights weights = parse_loss_weights("--loss", "velocity=0,touching=1.5");
  EXPECT_EQ(weights.velocity, 0);
  EXPECT_EQ(weights.touching, 1.5);
  EXPECT_EQ(weights.gap, SpeechLossWeights{}.gap);
}

TEST(SpeechLossWeights, ReadsItsOwnText) {
  SpeechLossWeights weights;
  weights.upper = 0.25;
  weights.lips = 0;
  EXPECT_EQ(to_text(parse_loss_weights("--loss", to_text(weights))), to_text(weights));
  EXPECT_NE(to_text(weights), to_text(SpeechLossWeights()));
}

TEST(SpeechLossWeights, SaysWhatIsAllowed) {
  for (const std::string wrong : {"", "speed=1", "velocity", "velocity=", "velocity=-1",
                                  "velocity=101", "velocity=nan", "velocity=1x", "=1"}) {
    EXPECT_THAT(refusal(wrong), testing::StartsWith("--loss " + wrong + ": must be NAME=WEIGHT"));
    EXPECT_THAT(refusal("gap=1," + wrong), testing::HasSubstr("points, velocity, gap"));
  }
}

TEST(RendererLossWeights, AreReadAndPrinted) {
  const RendererLossWeights weights = parse_renderer_loss("--loss", "lips=0,perceptual=2.5");
  EXPECT_EQ(weights.lips, 0);
  EXPECT_EQ(weights.perceptual, 2.5);
  EXPECT_EQ(weights.colour, 1);
  EXPECT_EQ(to_text(weights),
            "colour=1,coarse=0.5,gradient=0.5,structure=0.1,blend=0.002,lips=0,"
            "perceptual=2.5");
  EXPECT_THROW(parse_renderer_loss("--loss", "points=1"), Error);
}

}  // namespace
}  // namespace visema::training
