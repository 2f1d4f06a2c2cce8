#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <string>
#include <vector>

#include "commands.h"
#include "ip_lap_formula.h"
#include "ip_lap_layers.h"
#include "ip_lap_plain_landmarks.h"
#include "ip_lap_sampler.h"
#include "ip_lap_view.h"
#include "speech_pack.h"
#include "train_log_values.h"
#include "visema/core/error.h"
#include "visema/models/ip_lap_landmark_network.h"

namespace visema::training {
namespace {

class IpLapTraining : public testing::Test {
 protected:
  void SetUp() override { test::write_speech_pack(folder_ / "pack", {.spread = true}); }

  int train(int steps, const std::vector<std::string>& more = {}) {
    std::vector<std::string> args = {"--arch",    "ip-lap",
                                     "--pack",    (folder_ / "pack").string(),
                                     "--out",     weights_.string(),
                                     "--steps",   std::to_string(steps),
                                     "--batch",   "2",
                                     "--threads", "1",
                                     "--device",  "cpu",
                                     "--lr=1e-3", "--validate-frames=60",
                                     "--log",     log_.string()};
    args.insert(args.end(), more.begin(), more.end());
    return train_speech(args);
  }

  test::ScratchFolder folder_;
  std::filesystem::path weights_ = folder_ / "landmarks.safetensors";
  std::filesystem::path log_ = folder_ / "log.tsv";
};

TEST_F(IpLapTraining, ReducesTheLossAndWritesWhatTheEngineRuns) {
  ASSERT_EQ(train(8), 0);
  const std::vector<double> loss = test::values_of(log_, "train", "loss");
  ASSERT_GE(loss.size(), 6U);
  EXPECT_LT(loss.back(), 0.7 * loss.front());
  for (const char* name : {"score", "correlation", "gain", "movement", "lips", "closure",
                           "portrait_correlation", "told_correlation"})
    EXPECT_EQ(test::values_of(log_, "valid", name).size(), 1U) << name;

  // Exactly the tensors that an import writes, and the same numbers out of the engine's network.
  const TensorFile file = TensorFile::open(weights_);
  EXPECT_EQ(file.names().size(), ip_lap_landmark_tensors().size());
  for (const IpLapTensor& tensor : ip_lap_landmark_tensors()) {
    EXPECT_EQ(file.get(tensor.name).shape, tensor.shape) << tensor.name;
    EXPECT_EQ(file.get(tensor.name).dtype, "F32") << tensor.name;
  }
  const IpLapLandmarkNetwork network(weights_, resolve({"cpu", "fp32", 1}));
  EXPECT_THAT(network.card().card, testing::HasSubstr("\"steps\":8"));
  PackReader pack(folder_ / "pack");
  const std::vector<IpLapClip> clips = load_ip_lap_clips(pack, true);
  const IpLapSamples samples = IpLapSampler(clips, {}).draw(0, 1);
  const std::vector<float> said = network.predict(
      {samples.mels, samples.poses, samples.reference_poses, samples.reference_content});
  const std::vector<float> trained = test::plain_landmarks(
      weights_, samples.mels, samples.poses, samples.reference_poses, samples.reference_content);
  EXPECT_THAT(said, testing::Pointwise(testing::FloatNear(1e-4F), trained));
}

TEST_F(IpLapTraining, AResumedTrainingIsTheSameOne) {
  ASSERT_EQ(train(3), 0);
  const auto straight = folder_ / "straight.ckpt";
  std::filesystem::rename(weights_.string() + ".ckpt", straight);
  ASSERT_EQ(train(1), 0);
  ASSERT_EQ(train(3, {"--resume", weights_.string() + ".ckpt"}), 0);
  const TensorFile one = TensorFile::open(straight);
  const TensorFile two = TensorFile::open(weights_.string() + ".ckpt");
  ASSERT_EQ(one.names(), two.names());
  for (const std::string& name : one.names()) EXPECT_EQ(one.floats(name), two.floats(name)) << name;
}

TEST_F(IpLapTraining, BeginsWithWeights) {
  const auto first = folder_ / "first.safetensors";
  write_formula_weights(ip_lap_landmark_tensors(),
                        {kIpLapLandmarksName, kIpLapLandmarksVersion, "{}", "{}"}, first);
  ASSERT_EQ(train(1, {"--from", first.string(), "--lr=1e-8", "--seed=7"}), 0);
  const std::string head = "jaw_keypoint_map.weight";
  EXPECT_THAT(TensorFile::open(weights_).floats(head),
              testing::Pointwise(testing::FloatNear(1e-5F), TensorFile::open(first).floats(head)));
}

TEST_F(IpLapTraining, FlagsAreChecked) {
  const auto message = [&](const std::vector<std::string>& more) -> std::string {
    try {
      train(1, more);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kUsage);
      return error.what();
    }
    return "";
  };
  EXPECT_THAT(message({"--crop-box", "mine"}), testing::HasSubstr("must be own or rest"));
  EXPECT_THAT(message({"--schedule", "steps"}), testing::HasSubstr("must be constant or cosine"));
  EXPECT_THAT(message({"--expert", "1"}), testing::HasSubstr("--expert: not a flag"));
  try {
    train_speech({"--arch=iplap"});
    FAIL() << "an unknown network was taken";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("--arch iplap: must be visema or ip-lap"));
  }
}

TEST(IpLapClips, MelWindowsBeginAsRenderingCutsThem) {
  const std::vector<float> mel(100 * 80);
  for (int frame = 0; frame < 30; ++frame) {
    const auto expected = std::max(0, static_cast<int>(80.0 * (frame - 2) / 25));
    EXPECT_EQ(mel_window_start(static_cast<float>(frame) / 25, mel), std::min(expected, 84))
        << frame;
  }
}

TEST(IpLapClips, FacesBetweenFramesLieBetween) {
  IpLapClip clip;
  clip.time_s = {0, 0.04F, 0.08F, 0.5F};
  clip.valid = {1, 1, 0, 1};
  clip.faces.resize(4);
  clip.faces[1][3] = {1, 2, 4};
  const auto half = clip.face_at(0.02);
  ASSERT_TRUE(half);
  EXPECT_NEAR((*half)[3].z, 2, 1e-4);
  EXPECT_TRUE(clip.face_at(0.04));
  EXPECT_FALSE(clip.face_at(0.05)) << "the next frame has no face";
  EXPECT_FALSE(clip.face_at(-0.01));
  EXPECT_TRUE(clip.face_at(0.5));
}

TEST(IpLapView, CropsLieAroundThePointsAndRestTellsNothingOfTheJaw) {
  IpLapFace rest;
  for (std::size_t i = 0; i < rest.size(); ++i)
    rest[i] = {std::cos(static_cast<float>(i)), 1 + std::sin(static_cast<float>(i)), 0.3F};
  IpLapFace open = rest;
  for (std::size_t i = kIplapPose; i < open.size(); ++i) open[i].y += 1;
  const IpLapView straight;
  const IpLapSeen own = see(open, rest, straight, IpLapBoxOf::kOwn);
  float low = 1, high = 0;
  for (const Point2& p : own.points) {
    low = std::min(low, p.y);
    high = std::max(high, p.y);
  }
  EXPECT_GT(low, 0.03);
  EXPECT_NEAR(low, 1 - high, 1e-5) << "the margin is the same above and below";
  const IpLapSeen resting = see(open, rest, straight, IpLapBoxOf::kRest);
  const IpLapSeen closed = see(rest, rest, straight, IpLapBoxOf::kRest);
  EXPECT_NE(own.points[0].y, closed.points[0].y);
  EXPECT_EQ(resting.points[0].y, closed.points[0].y);
  EXPECT_NEAR(resting.box.y + resting.box.height * resting.points[100].y, open[100].y, 1e-5);

  // A quarter turn to the side puts depth where width was.
  IpLapView side;
  side.yaw = std::numbers::pi / 2;
  const IpLapSeen turned = see(rest, rest, side, IpLapBoxOf::kOwn);
  EXPECT_NEAR(turned.box.x + turned.box.width * turned.points[5].x, rest[5].z, 1e-5);
}

}  // namespace
}  // namespace visema::training
