#include <gmock/gmock.h>
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
#include "renderer_loss_text.h"
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

  nlohmann::json card(const char* name = "renderer.safetensors") const {
    const GeneratorNetwork network(folder_ / name, Compute{});
    return nlohmann::json::parse(network.info().card);
  }
  CropSet crops() const {
    return CropSet::load(folder_ / "pack", folder_ / "pack" / "canonical_face.safetensors");
  }

  std::vector<float> held_out_planes() const {
    const CropSet set = crops();
    const RendererSampler sampler(set, Split::kValidation);
    Random random(3, 0);
    return sampler.make(sampler.choose(random), Augment::kNo, random).planes;
  }
  /// Mean over the mask between the pictures of two networks.
  static double difference(const GeneratorNetwork& a, const GeneratorNetwork& b,
                           const std::vector<float>& planes) {
    std::vector<float> of_a(4 * kCropPixels), of_b(of_a);
    a.run(planes, of_a);
    b.run(planes, of_b);
    double sum = 0, area = 0;
    for (int i = 0; i < kCropPixels; ++i) {
      if (planes[kMaskPlane * kCropPixels + i] <= 0) continue;
      const auto shown = [&](const std::vector<float>& output, int channel) {
        const float rest = planes[(kRestPlane + channel) * kCropPixels + i];
        return rest + output[3 * kCropPixels + i] * (output[channel * kCropPixels + i] - rest);
      };
      for (int channel = 0; channel < 3; ++channel)
        sum += std::abs(shown(of_a, channel) - shown(of_b, channel));
      area += 3;
    }
    return sum / area;
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

TEST_F(GeneratorTraining, ATeachersPicturesAreComeNearerTo) {
  TrainLog log({});
  auto training = test::small_training(folder_.path(), 2);  // far from the real pictures
  train(training, log);
  const GeneratorNetwork teacher(folder_ / "renderer.safetensors", Compute{});
  const auto planes = held_out_planes();
  const auto distance = [&](double weight) {
    training.out = folder_ / "other.safetensors";
    training.budget.steps = 40;
    training.config = R"({"widths":[8,16,16],"blocks":[1,1,1],"stem":1})";
    training.teacher = weight > 0 ? folder_ / "renderer.safetensors" : "";
    training.teacher_weight = weight;
    train(training, log);
    return difference(teacher, GeneratorNetwork(training.out, Compute{}), planes);
  };
  const double alone = distance(0);
  EXPECT_FALSE(card("other.safetensors").contains("teacher"));
  EXPECT_LT(distance(100), 0.7 * alone);
  const auto told = card("other.safetensors")["teacher"];
  EXPECT_EQ(told["sha256"], teacher.info().sha256);
  // Kernels are kept as halves.
  EXPECT_NEAR(told["validation"]["l1"], card()["validation"]["l1"], 1e-4);
}

TEST_F(GeneratorTraining, AGrownGeneratorPaintsAsTheOneItGrewFromAndLearnsOn) {
  TrainLog log({});
  auto training = test::small_training(folder_.path(), 20);
  train(training, log);
  const GeneratorNetwork small(folder_ / "renderer.safetensors", Compute{});
  training.from = folder_ / "renderer.safetensors";
  training.out = folder_ / "grown.safetensors";
  training.config = R"({"widths":[24,32,16],"blocks":[1,1,1]})";
  training.budget.steps = 1;
  training.rate = 1e-8;  // as it began
  train(training, log);
  const auto planes = held_out_planes();
  {
    const GeneratorNetwork grown(training.out, Compute{});
    EXPECT_GT(grown.info().gflop, 1.2 * small.info().gflop);
    EXPECT_LT(difference(small, grown, planes), 1e-3);
    EXPECT_EQ(card("grown.safetensors")["from"]["sha256"], small.info().sha256);
  }
  training.rate = 4e-3;
  training.budget.steps = 40;
  train(training, log);
  EXPECT_LT(card("grown.safetensors")["validation"]["l1"], card()["validation"]["l1"]);
  const GeneratorNetwork grown(training.out, Compute{});
  EXPECT_GT(difference(small, grown, planes), 1e-3);
}

TEST_F(GeneratorTraining, ANarrowerOrDeeperGeneratorCannotBeGrown) {
  TrainLog log({});
  auto training = test::small_training(folder_.path(), 1);
  train(training, log);
  training.from = folder_ / "renderer.safetensors";
  training.out = folder_ / "grown.safetensors";
  for (const char* config :
       {R"({"widths":[16,8,16],"blocks":[1,1,1]})", R"({"widths":[16,16,16],"blocks":[1,2,1]})",
        R"({"widths":[16,16,16,16],"blocks":[1,1,1,1]})",
        R"({"widths":[16,16,16],"blocks":[1,1,1],"stem":1})"}) {
    training.config = config;
    try {
      train(training, log);
      ADD_FAILURE() << config << ": accepted";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kModel);
      EXPECT_THAT(error.what(), testing::HasSubstr(training.from.string() + ": is a generator of"));
    }
  }
  EXPECT_FALSE(std::filesystem::exists(training.out));
}

TEST_F(GeneratorTraining, PartsOfTheLossHaveWeights) {
  TrainLog log({});
  auto training = test::small_training(folder_.path(), 30);
  const auto blend_with = [&](const char* loss) {
    training.loss = parse_renderer_loss("--loss", loss);
    train(training, log);
    return card()["validation"]["blend"].get<double>();
  };
  EXPECT_LT(blend_with("blend=1"), 0.5 * blend_with("blend=0.002"));  // painting skin costs
}

TEST_F(GeneratorTraining, MouthsAreComparedByWhatANetworkSees) {
  TrainLog log({});
  auto training = test::small_training(folder_.path(), 10);
  training.batch = 2;
  training.validation_count = 2;
  training.perceptual = VISEMA_BINARY_DIR "/share/visema/models/mobilenet_features.safetensors";
  const auto trained_with = [&](const std::string& perceptual) {
    training.loss = parse_renderer_loss(
        "--loss", "colour=0,coarse=0,gradient=0,structure=0,blend=0,perceptual=" + perceptual);
    train(training, log);
    EXPECT_GT(card()["validation"]["perceptual"], 0);
    return GeneratorNetwork(training.out, Compute{});
  };
  const GeneratorNetwork untrained = trained_with("0");
  EXPECT_GT(difference(untrained, trained_with("1"), held_out_planes()), 1e-3);
  training.perceptual = folder_ / "renderer.safetensors";
  EXPECT_THROW(train(training, log), Error);
}

TEST_F(GeneratorTraining, EverySizeIsTrainedAndLoaded) {
  const std::string pack = (folder_ / "pack").string(), out = (folder_ / "w.safetensors").string();
  for (const auto& [size, low, high] :
       {std::tuple{"light", 0.5, 1.0}, {"standard", 2.1, 2.2}, {"large", 4.0, 9.0}}) {
    ASSERT_EQ(train_renderer({"--pack", pack, "--out", out, "--size", size, "--steps", "1",
                              "--batch", "1", "--window", "64", "--validate-count", "1"}),
              0);
    const GeneratorNetwork network(out, Compute{});
    EXPECT_GT(network.info().gflop, low) << size;
    EXPECT_LT(network.info().gflop, high) << size;
    EXPECT_EQ(nlohmann::json::parse(network.info().config),
              nlohmann::json::parse(renderer_config(size)));
  }
}

TEST_F(GeneratorTraining, MeasuresAFileAsTrainingDoes) {
  auto training = test::small_training(folder_.path(), 10);
  {
    TrainLog log({});
    train(training, log);
  }
  const auto path = folder_ / "measured.tsv";
  {
    TrainLog log(path);
    measure(training, training.out, log);
  }
  std::ifstream file(path);
  std::string kind, step, minutes, name;
  double value = 0;
  ASSERT_TRUE(file >> kind >> step >> minutes);
  EXPECT_EQ(kind, "validation");
  int count = 0;
  // Kernels are kept as halves, and inference sums in another order.
  while (file >> name >> value) {
    EXPECT_NEAR(value, card()["validation"][name], 2e-3 * (1 + std::abs(value))) << name;
    ++count;
  }
  EXPECT_EQ(count, 10);
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
  EXPECT_EQ(code({"--pack", pack, "--out", out, "--size", "tiny"}), 2);
  EXPECT_EQ(code({"--pack", pack, "--out", out, "--teacher", pack + "/basis.safetensors"}), 5);
  EXPECT_EQ(code({"--pack", (folder_ / "absent").string(), "--out", out}), 3);
}

}  // namespace
}  // namespace visema::training
