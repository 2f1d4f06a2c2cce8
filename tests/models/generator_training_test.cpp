#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <vector>

#include "commands.h"
#include "generator_pack.h"
#include "renderer_loader.h"
#include "renderer_samples.h"
#include "speech_pack.h"
#include "visema/core/error.h"
#include "visema/models/generator_network.h"
#include "visema/renderer/generator_input.h"

namespace visema::training {
namespace {

class GeneratorTraining : public testing::Test {
 protected:
  void SetUp() override { test::write_generator_pack(folder_ / "pack"); }

  nlohmann::json card() const {
    const GeneratorNetwork network(folder_ / "renderer.safetensors", Compute{});
    return nlohmann::json::parse(network.info().card);
  }
  CropSet crops() const {
    return CropSet::load(folder_ / "pack", folder_ / "pack" / "canonical_face.safetensors");
  }

  test::ScratchFolder folder_;
};

TEST_F(GeneratorTraining, FewStepsComeNearerThanAlignmentAndResumeGoesOn) {
  TrainLog log({});
  auto training = test::small_training(folder_.path(), 40);
  train(training, log);
  const auto first = card();
  EXPECT_EQ(first["steps"], 40);
  EXPECT_EQ(first["data"]["drawn"]["clips"], 3);
  EXPECT_LT(first["validation"]["l1"], 0.95 * first["validation"]["l1_aligned"].get<double>());

  training.budget.steps = 60;
  training.resume = true;
  train(training, log);
  EXPECT_GT(card()["steps"], 40);
  EXPECT_LE(card()["validation"]["l1"], first["validation"]["l1"]);
}

TEST_F(GeneratorTraining, AdversaryTrainsAndSheetsAreWritten) {
  TrainLog log({});
  auto training = test::small_training(folder_.path(), 6);
  training.adversarial = 0.02;
  training.adversarial_from = 0.4;
  training.samples = folder_ / "sheets";
  train(training, log);
  EXPECT_EQ(card()["adversarial"], true);
  EXPECT_EQ(card()["steps"], 6);
  EXPECT_TRUE(std::filesystem::exists(folder_ / "renderer.safetensors.judge"));
  std::ifstream sheet(folder_ / "sheets" / "renderer-0000006.bmp", std::ios::binary);
  const std::vector<char> bytes((std::istreambuf_iterator<char>(sheet)), {});
  constexpr int kWidth = 5 * kCropSize, kHeight = 6 * kCropSize;
  ASSERT_EQ(bytes.size(), 54U + 3U * kWidth * kHeight);
  const auto number = [&](int at) {
    std::int32_t value = 0;
    std::memcpy(&value, &bytes[at], sizeof value);
    return value;
  };
  EXPECT_EQ(std::string(bytes.data(), 2), "BM");
  EXPECT_EQ(number(18), kWidth);
  EXPECT_EQ(number(22), -kHeight);
}

TEST_F(GeneratorTraining, ReferencesAreFarFromTheTargetInTime) {
  const CropSet set = crops();
  const RendererSampler sampler(set, Split::kTrain);
  EXPECT_EQ(sampler.clip_count(), 3U);
  int portraits = 0;
  constexpr int kDraws = 2000;
  Random random(7, 0);
  for (int i = 0; i < kDraws; ++i) {
    const SampleChoice choice = sampler.choose(random);
    const CropClip& clip = set.clips[choice.clip];
    EXPECT_FALSE(clip.validation);
    for (const std::size_t reference : {choice.closed, choice.open})
      EXPECT_GE(std::abs(clip.frame[reference] - clip.frame[choice.target]), 3);
    if (choice.closed == choice.open) {
      ++portraits;
    } else {
      EXPECT_LE(clip.gap_px[choice.closed], clip.gap_px[choice.open]);
    }
  }
  EXPECT_NEAR(static_cast<double>(portraits) / kDraws, 0.37, 0.06);
}

TEST_F(GeneratorTraining, BatchesDependOnSeedAndNumberAlone) {
  const CropSet set = crops();
  const RendererSampler sampler(set, Split::kTrain);
  RendererLoader from_start(sampler, 2, 5, 0, 1);
  RendererLoader later(sampler, 2, 5, 1, 1);
  RendererLoader other(sampler, 2, 6, 1, 1);
  from_start.next();
  const RendererBatch second = from_start.next();
  EXPECT_EQ(second.planes.size(), 2U * kGeneratorInputSize);
  EXPECT_EQ(second.planes, later.next().planes);
  EXPECT_NE(second.planes, other.next().planes);
}

TEST_F(GeneratorTraining, MirroringTwiceGivesTheFaceBack) {
  const CropSet set = crops();
  for (int i = 0; i < kMeshPoints; ++i) EXPECT_EQ(set.mirror[set.mirror[i]], i);
  EXPECT_EQ(set.mirror[61], 291);
  EXPECT_EQ(set.mirror[78], 308);
  EXPECT_EQ(set.mirror[234], 454);
  EXPECT_EQ(set.mirror[13], 13);
  auto points = set.clips[0].points_of(3);
  const auto before = points;
  mirror(points, set.mirror, kCropSize);
  for (int i = 0; i < kMeshPoints; ++i) EXPECT_NEAR(points[i].x, before[i].x, 1e-3);
  Image picture = set.clips[0].picture(3);
  mirror(picture);
  mirror(picture);
  EXPECT_EQ(picture.rgb, set.clips[0].picture(3).rgb);
}

TEST_F(GeneratorTraining, CommandRefusesWhatItCannotUse) {
  const std::string pack = (folder_ / "pack").string(), out = (folder_ / "w.safetensors").string();
  const auto code = [](const std::vector<std::string>& args) {
    try {
      return train_renderer(args);
    } catch (const Error& error) {
      return static_cast<int>(error.code());
    }
  };
  EXPECT_EQ(code({"--pack", pack, "--out", out, "--lr", "fast"}), 2);
  EXPECT_EQ(code({"--out", out}), 2);
  EXPECT_EQ(code({"--pack", (folder_ / "absent").string(), "--out", out}), 3);
}

}  // namespace
}  // namespace visema::training
