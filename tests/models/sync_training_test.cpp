#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "commands.h"
#include "speech_pack.h"
#include "sync_offsets.h"
#include "sync_sampler.h"
#include "visema/core/error.h"
#include "visema/models/sync_network.h"

namespace visema::training {
namespace {

using ::testing::FloatNear;
using ::testing::Pointwise;

class SyncTraining : public testing::Test {
 protected:
  void SetUp() override { test::write_speech_pack(folder_ / "pack"); }

  int train(int steps, const std::vector<std::string>& more = {}) {
    std::vector<std::string> args = {"--pack",     (folder_ / "pack").string(),
                                     "--out",      weights_.string(),
                                     "--steps",    std::to_string(steps),
                                     "--batch",    "4",
                                     "--threads",  "1",
                                     "--device",   "cpu",
                                     "--align",    "1",
                                     "--lr=1e-2",  "--log",
                                     log_.string()};
    args.insert(args.end(), more.begin(), more.end());
    return train_sync(args);
  }

  std::vector<double> losses() const {
    std::vector<double> values;
    std::ifstream file(log_);
    for (std::string text; std::getline(file, text);) {
      std::istringstream words(text);
      std::string kind, step, minutes, name;
      double loss = 0;
      if (words >> kind >> step >> minutes >> name >> loss && kind == "train")
        values.push_back(loss);
    }
    return values;
  }

  test::ScratchFolder folder_;
  std::filesystem::path weights_ = folder_ / "sync.safetensors";
  std::filesystem::path log_ = folder_ / "log.tsv";
};

TEST_F(SyncTraining, LearnsAndResumesAndTheWeightsLoad) {
  ASSERT_EQ(train(40), 0);
  ASSERT_FALSE(losses().empty());
  const double first = losses().front();
  ASSERT_EQ(train(60, {"--resume", weights_.string() + ".ckpt"}), 0);
  EXPECT_LT(losses().back(), 0.9 * first);
  const SyncNetwork network(weights_, Compute{});
  EXPECT_EQ(network.window(), 9);
  const auto card = nlohmann::json::parse(network.card().card);
  EXPECT_EQ(card.at("training_persons"), 5);
}

TEST_F(SyncTraining, BeginsWithWeights) {
  ASSERT_EQ(train(40), 0);
  const auto first = folder_ / "first.safetensors";
  std::filesystem::rename(weights_, first);
  const double untrained = losses().front();
  std::filesystem::remove(log_);
  ASSERT_EQ(train(1, {"--from", first.string(), "--lr=1e-8"}), 0);
  EXPECT_LT(losses().front(), 0.97 * untrained);
  const SyncNetwork network(weights_, Compute{});
  const auto card = nlohmann::json::parse(network.card().card);
  EXPECT_EQ(card.at("began_with").at("steps"), 40);
  const TensorFile one = TensorFile::open(first), two = TensorFile::open(weights_);
  ASSERT_EQ(one.names(), two.names());
  for (const std::string& name : one.names())
    EXPECT_THAT(two.floats(name), Pointwise(FloatNear(1e-3F), one.floats(name))) << name;
}

TEST_F(SyncTraining, BeginsWithNothingOfAnotherShape) {
  ASSERT_EQ(train(1), 0);
  const auto first = folder_ / "first.safetensors";
  std::filesystem::rename(weights_, first);
  EXPECT_THROW(train(1, {"--from", first.string(), "--window", "5"}), Error);
  EXPECT_THROW(train(1, {"--from", first.string(), "--resume", weights_.string() + ".ckpt"}),
               Error);
  EXPECT_THROW(train(1, {"--from", (folder_ / "none.safetensors").string()}), Error);
}

TEST_F(SyncTraining, EmbeddingsAreUnitVectorsWhateverTheCut) {
  ASSERT_EQ(train(2), 0);
  const SyncNetwork network(weights_, Compute{});
  constexpr std::size_t kFrames = 20;
  std::vector<std::uint8_t> crops(kFrames * kSyncCrop * kSyncCrop);
  std::vector<float> points(kFrames * kSyncPoints * 2);
  for (std::size_t i = 0; i < crops.size(); ++i)
    crops[i] = static_cast<std::uint8_t>((i * 2654435761U) >> 24);
  for (std::size_t i = 0; i < points.size(); ++i)
    points[i] = std::sin(static_cast<float>(i)) * 0.3F;
  const auto whole = network.embed_mouth(crops, points);
  const auto size = static_cast<std::size_t>(network.embedding_size());
  ASSERT_EQ(whole.size(), (kFrames - 8) * size);
  const auto part =
      network.embed_mouth(std::span(crops).subspan(5 * kSyncCrop * kSyncCrop),
                          std::span(points).subspan(std::size_t{5} * kSyncPoints * 2));
  for (std::size_t i = 0; i < part.size(); ++i) ASSERT_NEAR(part[i], whole[5 * size + i], 1e-5);
  for (std::size_t w = 0; w < whole.size() / size; ++w) {
    double square = 0;
    for (std::size_t i = 0; i < size; ++i)
      square += static_cast<double>(whole[w * size + i]) * whole[w * size + i];
    EXPECT_NEAR(square, 1, 1e-4);
  }
  EXPECT_TRUE(network.embed_mouth({}, {}).empty());
  EXPECT_THROW(network.embed_mouth(crops, std::span(points).subspan(1)), Error);
}

TEST_F(SyncTraining, SpeechHearsItsReachAndNoMore) {
  ASSERT_EQ(train(2), 0);
  const SyncNetwork network(weights_, Compute{});
  std::vector<float> mel(60 * kSyncMelBands);
  for (std::size_t i = 0; i < mel.size(); ++i) mel[i] = std::cos(static_cast<float>(i) * 0.7F);
  const float moments[] = {20, 20.5F, 21};
  const auto before = network.embed_speech(mel, moments);
  mel[(20 - kSyncSpeechReach - 1) * kSyncMelBands] += 5;
  EXPECT_EQ(network.embed_speech(mel, moments), before);
  mel[(20 - kSyncSpeechReach) * kSyncMelBands] += 5;
  const auto after = network.embed_speech(mel, moments);
  const auto size = static_cast<std::size_t>(network.embedding_size());
  const auto differs = [&](std::size_t moment) {
    for (std::size_t i = 0; i < size; ++i)
      if (after[moment * size + i] != before[moment * size + i]) return true;
    return false;
  };
  EXPECT_TRUE(differs(0));
  EXPECT_FALSE(differs(2));
  const float outside[] = {kSyncSpeechReach - 0.5F};
  EXPECT_THROW(network.embed_speech(mel, outside), Error);
}

TEST_F(SyncTraining, APackWithoutMouthsIsRefused) {
  auto tensors = TensorFile::open(folder_ / "pack" / "clips-000.safetensors");
  std::map<std::string, Tensor> fewer;
  for (const std::string& name : tensors.names())
    if (!name.ends_with("/mouth")) fewer[name] = tensors.get(name);
  write_tensor_file(folder_ / "fewer.safetensors", fewer);
  std::filesystem::rename(folder_ / "fewer.safetensors",
                          folder_ / "pack" / "clips-000.safetensors");
  try {
    train(1);
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(describe(error), testing::HasSubstr("visema prepare"));
  }
}

TEST_F(SyncTraining, FindsByHowMuchAClipIsLate) {
  ASSERT_EQ(train(80), 0);
  constexpr float kLate = 5.0F / 25;
  const auto shard = folder_ / "pack" / "clips-000.safetensors";
  PackReader before(folder_ / "pack");
  const PackClip clip = before.clips().at(1);
  ASSERT_TRUE(clip.training);
  auto tensors = TensorFile::open(shard);
  std::map<std::string, Tensor> moved;
  for (const std::string& name : tensors.names()) moved[name] = tensors.get(name);
  std::vector<float> times = tensors.floats(clip.id + "/time");
  for (float& t : times) t -= kLate;  // so its sound is late
  moved[clip.id + "/time"] = view_of(times, {static_cast<std::int64_t>(times.size())});
  write_tensor_file(folder_ / "moved.safetensors", moved);
  std::filesystem::rename(folder_ / "moved.safetensors", shard);
  PackReader pack(folder_ / "pack");
  const auto offsets = measure_offsets(pack, true, weights_, Compute{});
  EXPECT_EQ(offsets.size(), 5U);
  for (const auto& [id, offset] : offsets) EXPECT_NEAR(offset, id == clip.id ? 5 : 0, 1) << id;
}

/// One clip whose sound is noise, so that every moment is another.
SyncClip noise_clip() {
  SyncClip clip;
  clip.person = "p";
  constexpr int kFrames = 60, kMels = 230;
  clip.valid.assign(kFrames, 1);
  clip.active.assign(kMels, 1);
  clip.mouth.assign(std::size_t{kFrames} * kSyncCrop * kSyncCrop, 90);
  clip.points.assign(std::size_t{kFrames} * kSyncPoints * 2, 0.1F);
  for (int i = 0; i < kMels * kSyncMelBands; ++i)
    clip.mel.push_back(static_cast<float>((i * 2654435761U) >> 22) / 1024 - 0.5F);
  return clip;
}

TEST(SyncSampler, AClipsOffsetMovesItsSound) {
  std::vector<SyncClip> late = {noise_clip()}, moved = {noise_clip()};
  late[0].offset = 5;  // frames, 16 mel frames
  moved[0].mel.erase(moved[0].mel.begin(), moved[0].mel.begin() + 16 * kSyncMelBands);
  moved[0].mel.insert(moved[0].mel.end(), 16 * kSyncMelBands, -4.0F);
  const SyncSampler a(late, 9, 3), b(moved, 9, 3);
  const SyncSamples one = a.draw(4, 1), two = b.draw(4, 1);
  EXPECT_EQ(one.pictures, two.pictures);
  ASSERT_EQ(one.positions.size(), 20U);
  // Noise of the augmentation depends on the place in the clip: a likeness, not equality.
  double product = 0, square_one = 0, square_two = 0;
  for (std::size_t m = 0; m < 12; ++m)
    for (int band = 20; band < 60; ++band) {
      const auto value = [&](const SyncSamples& s) {
        return s.mel[static_cast<std::size_t>(s.positions[m]) * kSyncMelBands + band] -
               s.mel[static_cast<std::size_t>(s.positions[m]) * kSyncMelBands + band + 1];
      };
      product += value(one) * value(two);
      square_one += value(one) * value(one);
      square_two += value(two) * value(two);
    }
  EXPECT_GT(product / std::sqrt(square_one * square_two), 0.8);
}

}  // namespace
}  // namespace visema::training
