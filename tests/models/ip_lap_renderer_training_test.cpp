#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "commands.h"
#include "face_pack.h"
#include "ip_lap_faces.h"
#include "ip_lap_layers.h"
#include "speech_pack.h"
#include "train_log_values.h"
#include "visema/core/error.h"
#include "visema/models/ip_lap_renderer_network.h"
#include "visema/models/tensor_file.h"

namespace visema::training {
namespace {

class IpLapRendererTraining : public testing::Test {
 protected:
  void SetUp() override {
    test::write_speech_pack(folder_ / "pack");
    test::add_whole_faces(folder_ / "pack", 4);
  }

  /// Few pixels: at 128 a step takes a quarter of a minute.
  int train(int steps, const std::vector<std::string>& more = {}) {
    std::vector<std::string> args = {"--arch=ip-lap",
                                     "--pack",
                                     (folder_ / "pack").string(),
                                     "--out",
                                     weights_.string(),
                                     "--steps",
                                     std::to_string(steps),
                                     "--side=16",
                                     "--references=1",
                                     "--threads=1",
                                     "--device=cpu",
                                     "--lr=1e-3",
                                     "--validate-faces=2",
                                     "--log",
                                     log_.string()};
    args.insert(args.end(), more.begin(), more.end());
    return train_renderer(args);
  }
  std::string message(const std::vector<std::string>& more) {
    try {
      train(1, more);
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  }

  test::ScratchFolder folder_;
  std::filesystem::path weights_ = folder_ / "renderer.safetensors";
  std::filesystem::path log_ = folder_ / "log.tsv";
};

TEST_F(IpLapRendererTraining, ReducesTheLossAndWritesWhatTheEngineRuns) {
  std::vector<std::string> more = {"--paint-from=0"};
  const std::filesystem::path features =
      VISEMA_BINARY_DIR "/share/visema/models/mobilenet_features.safetensors";
  const bool perceptual = std::filesystem::exists(features);
  if (perceptual) more.insert(more.end(), {"--perceptual", features.string()});
  ASSERT_EQ(train(5, more), 0);
  const std::vector<double> paint = test::values_of(log_, "train", "paint");
  ASSERT_EQ(paint.size(), 5U);
  EXPECT_LT(paint.back(), 0.8 * paint.front());
  EXPECT_EQ(test::values_of(log_, "train", "judge").size(), paint.size());
  for (const char* name : {"l1", "mouth_l1", "mouth_psnr", "warp_mouth_l1", "reference_mouth_l1"})
    EXPECT_EQ(test::values_of(log_, "valid", name).size(), 1U) << name;
  EXPECT_EQ(test::values_of(log_, "valid", "perceptual").size(), perceptual ? 1U : 0U);

  // Exactly the tensors that an import writes, which the engine's network takes.
  const TensorFile file = TensorFile::open(weights_);
  EXPECT_EQ(file.names().size(), ip_lap_renderer_tensors().size());
  for (const IpLapTensor& tensor : ip_lap_renderer_tensors()) {
    EXPECT_EQ(file.get(tensor.name).shape, tensor.shape) << tensor.name;
    EXPECT_EQ(file.get(tensor.name).dtype, "F32") << tensor.name;
  }
  const IpLapRendererNetwork network(weights_, resolve({"cpu", "fp32", 1}));
  EXPECT_THAT(network.card().card, testing::HasSubstr("\"steps\":5"));
}

TEST_F(IpLapRendererTraining, AResumedTrainingIsTheSameOneAcrossThePhases) {
  const std::string half = "--paint-from=0.5";
  ASSERT_EQ(train(2, {half}), 0);
  EXPECT_EQ(test::values_of(log_, "train", "warp").size(), 2U);
  EXPECT_EQ(test::values_of(log_, "train", "paint").size(), 1U);
  const auto straight = folder_ / "straight.ckpt";
  std::filesystem::rename(weights_.string() + ".ckpt", straight);
  ASSERT_EQ(train(1, {half}), 0);
  ASSERT_EQ(train(2, {half, "--resume", weights_.string() + ".ckpt"}), 0);
  const TensorFile one = TensorFile::open(straight);
  const TensorFile two = TensorFile::open(weights_.string() + ".ckpt");
  ASSERT_EQ(one.names(), two.names());
  for (const std::string& name : one.names()) EXPECT_EQ(one.floats(name), two.floats(name)) << name;
}

TEST_F(IpLapRendererTraining, RefusesWhatDoesNotFit) {
  EXPECT_THAT(message({"--side=24"}), testing::HasSubstr("must be a multiple of 16 in 16..128"));
  EXPECT_THAT(message({"--references=4"}), testing::HasSubstr("more than 4 whole faces"));
  EXPECT_THAT(message({"--from=a", "--resume=b"}), testing::HasSubstr("one of them at most"));
  test::write_speech_pack(folder_ / "pack");
  EXPECT_THAT(message({}), testing::HasSubstr("visema prepare --faces"));
}

TEST_F(IpLapRendererTraining, DrawsOtherFacesOfTheClipAsReferences) {
  PackReader pack(folder_ / "pack");
  const std::vector<IpLapFaceClip> clips = load_ip_lap_faces(pack, true, 3);
  ASSERT_EQ(clips.size(), 5U);
  const IpLapFaceSampler sampler(clips, 3, 1);
  const IpLapFaceSamples samples = sampler.draw(7, 2);
  EXPECT_EQ(sampler.draw(7, 2).face, samples.face);
  EXPECT_NE(sampler.draw(8, 2).face, samples.face);
  const auto plane = [](const std::vector<float>& values, std::size_t n) {
    const auto first = values.begin() + static_cast<std::ptrdiff_t>(n * kIpLapPlanes);
    return std::vector<float>(first, first + kIpLapPlanes);
  };
  for (std::size_t row = 0; row < 2; ++row) {
    for (std::size_t r = 0; r < 3; ++r) {
      EXPECT_NE(plane(samples.pictures, 3 * row + r), plane(samples.face, row)) << r;
      EXPECT_EQ(samples.pictures[(3 * row + r) * kIpLapPlanes], samples.face[row * kIpLapPlanes])
          << "the forehead's colour is the person's";
    }
    for (std::size_t k = 0; k < 5; ++k) {
      const std::vector<float> sketch = plane(samples.sketches, 5 * row + k);
      EXPECT_NEAR(*std::max_element(sketch.begin(), sketch.end()), 224.0 / 255, 1e-6);
    }
    // Lips at 0.7 to 0.8 of the height, from the 91st to the last point of the row.
    const IpLapMouthBox& mouth = samples.mouth[row];
    EXPECT_LT(mouth.left, 0.1 + 0.006 * 91);
    EXPECT_GT(mouth.right, 0.1 + 0.006 * 130);
    EXPECT_GT(mouth.top, 0.6);
    EXPECT_LT(mouth.bottom, 0.9);
  }
}

}  // namespace
}  // namespace visema::training
