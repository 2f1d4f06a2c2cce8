#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "commands.h"
#include "speech_mirror.h"
#include "speech_pack.h"
#include "train_log_values.h"
#include "visema/core/error.h"
#include "visema/models/speech_encoder.h"
#include "visema/models/speech_network.h"

namespace visema::training {
namespace {

struct Line {
  std::string kind;
  long step = 0;
  double loss = 0;
};

std::vector<Line> read_log(const std::filesystem::path& path) {
  std::vector<Line> lines;
  std::ifstream file(path);
  for (std::string text; std::getline(file, text);) {
    std::istringstream words(text);
    Line line;
    std::string minutes, name;
    words >> line.kind >> line.step >> minutes >> name >> line.loss;
    lines.push_back(line);
  }
  return lines;
}

class SpeechTraining : public testing::Test {
 protected:
  void SetUp() override { test::write_speech_pack(folder_ / "pack"); }

  int train(int steps, const std::vector<std::string>& more = {}) {
    std::vector<std::string> args = {"--pack",    (folder_ / "pack").string(),
                                     "--out",     weights_.string(),
                                     "--steps",   std::to_string(steps),
                                     "--batch",   "6",
                                     "--threads", "1",
                                     "--device",  "cpu",
                                     "--lr=2e-3", "--validate=100",
                                     "--log",     log_.string()};
    args.insert(args.end(), more.begin(), more.end());
    return train_speech(args);
  }

  test::ScratchFolder folder_;
  std::filesystem::path weights_ = folder_ / "speech.safetensors";
  std::filesystem::path log_ = folder_ / "log.tsv";
};

TEST_F(SpeechTraining, SixtyStepsReduceTheLossAndResumeGoesOn) {
  ASSERT_EQ(train(60), 0);
  const std::vector<Line> first = read_log(log_);
  ASSERT_GE(first.size(), 7U);
  EXPECT_EQ(first[0].step, 0);
  const Line last = first[first.size() - 2];
  EXPECT_EQ(last.step, 59);
  EXPECT_LT(last.loss, 0.7 * first[0].loss);

  ASSERT_EQ(train(70, {"--resume", weights_.string() + ".ckpt"}), 0);
  const std::vector<Line> both = read_log(log_);
  EXPECT_EQ(both[both.size() - 2].step, 69);
  EXPECT_EQ(both.back().step, 70);
  EXPECT_LT(both[both.size() - 2].loss, 0.7 * first[0].loss);
}

TEST_F(SpeechTraining, TheSameSeedGivesTheSameWeights) {
  ASSERT_EQ(train(3), 0);
  std::filesystem::rename(weights_, folder_ / "first.safetensors");
  ASSERT_EQ(train(3), 0);
  const TensorFile one = TensorFile::open(folder_ / "first.safetensors");
  const TensorFile two = TensorFile::open(weights_);
  ASSERT_EQ(one.names(), two.names());
  for (const std::string& name : one.names()) EXPECT_EQ(one.floats(name), two.floats(name)) << name;
}

TEST_F(SpeechTraining, BeginsWithWeightsAndTheirBasis) {
  ASSERT_EQ(train(40), 0);
  const auto first = folder_ / "first.safetensors";
  std::filesystem::rename(weights_, first);
  // Another basis in the pack does not count: the weights speak their own.
  const auto basis = folder_ / "pack" / "basis.safetensors";
  std::filesystem::remove(basis);
  std::map<std::string, Tensor> other;
  const TensorFile old = TensorFile::open(first);
  const std::vector<float> rows(old.floats("basis.lower").size(), 0.25F);
  const std::vector<float> upper(old.floats("basis.upper").size(), 0.25F);
  const std::vector<float> lower_std(old.floats("basis.lower_std").size(), 1.0F);
  const std::vector<float> upper_std(old.floats("basis.upper_std").size(), 1.0F);
  const auto shaped = [&](const std::vector<float>& values, const char* like) {
    return view_of(std::span<const float>(values), old.get(like).shape);
  };
  other["lower"] = shaped(rows, "basis.lower");
  other["upper"] = shaped(upper, "basis.upper");
  other["lower_std"] = shaped(lower_std, "basis.lower_std");
  other["upper_std"] = shaped(upper_std, "basis.upper_std");
  write_tensor_file(basis, other);
  ASSERT_EQ(train(1, {"--from", first.string(), "--lr=1e-8"}), 0);
  const TensorFile now = TensorFile::open(weights_);
  for (const std::string& name : old.names())
    EXPECT_THAT(now.floats(name), testing::Pointwise(testing::FloatNear(1e-3F), old.floats(name)))
        << name;
}

TEST_F(SpeechTraining, AClipOutOfSyncIsMovedToItsSound) {
  constexpr float kEarly = 0.08F;
  const auto shard = folder_ / "pack" / "clips-000.safetensors";
  const TensorFile file = TensorFile::open(shard);
  std::map<std::string, Tensor> tensors;
  for (const std::string& name : file.names()) tensors[name] = file.get(name);
  std::vector<float> times = file.floats("made/1/time");
  for (float& t : times) t -= kEarly;
  tensors["made/1/time"] = view_of(times, {static_cast<std::int64_t>(times.size())});
  write_tensor_file(folder_ / "moved.safetensors", tensors);
  std::filesystem::rename(folder_ / "moved.safetensors", shard);

  ASSERT_EQ(train(120, {"--align", "2"}), 0);
  const std::vector<float> moved = TensorFile::open(weights_.string() + ".ckpt").floats("moved");
  ASSERT_EQ(moved.size(), 5U);
  for (std::size_t c = 0; c < moved.size(); ++c)
    EXPECT_NEAR(moved[c], c == 1 ? -kEarly : 0, 0.021) << c;

  // A resumed training knows where they were moved to; one on another pack is refused.
  const std::string checkpoint = weights_.string() + ".ckpt";
  ASSERT_EQ(train(121, {"--align", "2", "--resume", checkpoint}), 0);
  EXPECT_EQ(TensorFile::open(checkpoint).floats("moved"), moved);
  const auto list = folder_ / "pack" / "pack.json";
  std::stringstream text;
  text << std::ifstream(list).rdbuf();
  std::string other = text.str();
  const std::string sum = R"("sha256":"0")";
  ASSERT_NE(other.find(sum), std::string::npos);
  other.replace(other.find(sum), sum.size(), R"("sha256":"1")");
  std::ofstream(list) << other;
  EXPECT_THROW(train(122, {"--resume", checkpoint}), Error);
}

TEST_F(SpeechTraining, WithoutAJudge) {
  ASSERT_EQ(train(3, {"--expert", "0"}), 0);
  std::stringstream text;
  text << std::ifstream(log_).rdbuf();
  EXPECT_EQ(text.str().find("judged"), std::string::npos);
}

TEST_F(SpeechTraining, LeavesOutPartsOfTheLoss) {
  ASSERT_EQ(train(3, {"--expert=0", "--loss",
                      "velocity=0,gap=0,closed=0,upper=0,spread=0,correlation=0,points=2"}),
            0);
  const std::vector<double> total = test::values_of(log_, "train", "loss");
  const std::vector<double> points = test::values_of(log_, "train", "points");
  const std::vector<double> gap = test::values_of(log_, "train", "gap");
  ASSERT_EQ(total.size(), 3U);
  for (std::size_t i = 0; i < total.size(); ++i) {
    EXPECT_NEAR(total[i], 2 * points[i], 1e-3 * total[i]);
    EXPECT_GT(gap[i], 0);  // it is still told
  }
}

TEST_F(SpeechTraining, MeasuresWeightsAndTheMeanOfSeveral) {
  ASSERT_EQ(train(12), 0);
  const auto measured = [&](const std::string& files) {
    const auto log = folder_ / "measured.tsv";
    std::filesystem::remove(log);
    EXPECT_EQ(train_speech({"--pack", (folder_ / "pack").string(), "--measure", files, "--threads",
                            "1", "--device", "cpu", "--log", log.string()}),
              0);
    std::map<std::string, double> values;
    for (const std::string name : {"correlation", "gain", "lips", "portrait_lips"})
      values[name] = test::values_of(log, "valid", name).at(0);
    values["said"] = test::values_of(log, "errors", "said").at(0);
    values["long"] = test::values_of(log, "long_errors", "said").at(0);
    return values;
  };
  const auto own = measured(weights_.string());
  for (const char* name : {"correlation", "gain", "lips", "portrait_lips"})
    EXPECT_NEAR(own.at(name), test::values_of(log_, "valid", name).back(), 0.01) << name;
  EXPECT_NEAR(own.at("said"), own.at("lips"), 1e-4);
  EXPECT_EQ(own.at("long"), 0);  // the pack's clips are not that long

  // The mean of a network and itself is itself; with another one it is another.
  const std::string first = (folder_ / "first.safetensors").string();
  std::filesystem::rename(weights_, first);
  EXPECT_EQ(measured(first + "," + first), own);
  ASSERT_EQ(train(4, {"--seed", "2"}), 0);
  const double lips = measured(weights_.string()).at("lips");
  const double mean = measured(first + "," + weights_.string()).at("lips");
  EXPECT_LT(mean, 0.5 * (own.at("lips") + lips) + 1e-3);  // distances are convex
  EXPECT_NE(mean, own.at("lips"));
  EXPECT_THROW(measured(first + "," + (folder_ / "none").string()), Error);
}

TEST(SpeechMirror, TurnsAFaceAroundAndBack) {
  // Points 0 and 1 lie on either side, 2 in the middle, all others far from them and each other.
  FaceMesh rest;
  for (int i = 0; i < kMeshPoints; ++i) rest[i] = {0, static_cast<float>(i), 0};
  rest[0] = {-1, -5, 0};
  rest[1] = {1, -5, 0};
  BasisPart part;
  part.count = 4;
  part.rows.assign(4 * kMeshPoints * 3, 0.0F);
  const auto row = [&](int k, int point, int axis) -> float& {
    return part.rows[(k * kMeshPoints + point) * 3 + axis];
  };
  row(0, 0, 0) = 1;  // left corner sideways
  row(1, 1, 0) = 1;  // right corner sideways
  row(2, 2, 1) = 1;  // the middle down
  row(3, 2, 0) = 1;  // the middle sideways
  part.project = part.rows;
  const std::vector<float> matrix = mirror_matrix(part, rest);
  const std::vector<float> expected = {0, -1, 0, 0, -1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, -1};
  EXPECT_EQ(matrix, expected);
}

TEST_F(SpeechTraining, WrittenWeightsLoadAndRepeatThemselves) {
  ASSERT_EQ(train(2), 0);
  const Compute compute = resolve({"cpu", "fp32", 1});
  const SpeechNetwork network(weights_, compute);
  const SpeechNetwork again(weights_, compute);
  EXPECT_EQ(network.card().network, "visema-speech");
  EXPECT_NE(network.card().card.find("\"steps\":2"), std::string::npos);
  std::vector<float> mel(kSpeechWindowFrames * kSpeechBands);
  for (std::size_t i = 0; i < mel.size(); ++i) mel[i] = static_cast<float>(i % 97) / 20 - 3;
  const std::vector<float> encoded(std::size_t{kSpeechWindowFrames} * kEncodedWidth, 1.5F);
  const std::vector<float> rest(test::kTestLower, 0.0F);
  const SpeechCoefficients one = network.predict(mel, encoded, 0.12F, rest);
  EXPECT_EQ(one.lower.size(), 32U);
  EXPECT_EQ(one.upper.size(), 16U);
  EXPECT_EQ(one.lower, network.predict(mel, encoded, 0.12F, rest).lower);
  EXPECT_EQ(one.lower, again.predict(mel, encoded, 0.12F, rest).lower);
  EXPECT_NE(one.lower, network.predict(mel, encoded, 0.12F, std::vector<float>(64, 0.1F)).lower);
}

TEST_F(SpeechTraining, APackWithoutFeaturesOfTheEncoderTeachesTheShortLookAheadOnly) {
  test::write_speech_pack(folder_ / "pack", {.encoded = false});
  try {
    train(1);
    ADD_FAILURE() << "accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kInput);
    EXPECT_NE(std::string(error.what()).find("visema prepare"), std::string::npos) << error.what();
  }
  EXPECT_EQ(train(1, {"--look-ahead", "short"}), 0);
}

TEST_F(SpeechTraining, FlagsAreChecked) {
  const auto message = [](const std::vector<std::string>& args) -> std::string {
    try {
      train_speech(args);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kUsage);
      return error.what();
    }
    return "";
  };
  EXPECT_NE(message({"--packs", "x"}).find("--packs"), std::string::npos);
  EXPECT_NE(message({"--pack"}).find("--pack: needs DIR"), std::string::npos);
  EXPECT_NE(message({"--pack", (folder_ / "pack").string(), "--out", "x", "--steps", "none"})
                .find("--steps none"),
            std::string::npos);
  const std::vector<std::string> good = {
      "--pack", (folder_ / "pack").string(), "--out", "x", "--steps", "1"};
  for (const std::string wrong :
       {"--augment=1.5", "--mirror=-1", "--loss=speed=1", "--look-ahead=far"}) {
    std::vector<std::string> args = good;
    args.push_back(wrong);
    const std::string said =
        wrong.substr(0, wrong.find('=')) + " " + wrong.substr(wrong.find('=') + 1);
    EXPECT_NE(message(args).find(said), std::string::npos) << message(args);
  }
}

}  // namespace
}  // namespace visema::training
