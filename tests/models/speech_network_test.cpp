#include "visema/models/speech_network.h"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "commands.h"
#include "speech_pack.h"
#include "speech_piece.h"
#include "visema/core/error.h"
#include "visema/models/compute.h"
#include "visema/models/speech_encoder.h"
#include "visema/models/tensor_file.h"

namespace visema {
namespace {

/// Weights of a network that saw one step, and their tensors to spoil.
class SpeechWeights : public testing::Test {
 protected:
  void SetUp() override {
    test::write_speech_pack(folder_ / "pack");
    ASSERT_EQ(training::train_speech({"--pack", (folder_ / "pack").string(), "--out",
                                      (folder_ / "good.safetensors").string(), "--steps", "1",
                                      "--batch", "2", "--threads", "1", "--device", "cpu"}),
              0);
  }

  /// Message of loading the weights with one tensor or metadata entry changed.
  std::string message(const std::string& name, Tensor tensor,
                      const std::map<std::string, std::string>& metadata = {}) {
    const TensorFile good = TensorFile::open(folder_ / "good.safetensors");
    std::map<std::string, Tensor> tensors;
    for (const std::string& n : good.names()) tensors[n] = good.get(n);
    tensors.erase(name);
    if (!tensor.dtype.empty()) tensors[name] = tensor;
    std::map<std::string, std::string> all = good.metadata();
    for (const auto& [key, value] : metadata) all[key] = value;
    write_tensor_file(folder_ / "bad.safetensors", tensors, all);
    try {
      const SpeechNetwork network(folder_ / "bad.safetensors", resolve({"cpu", "fp32", 1}));
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kModel);
      return error.what();
    }
    return "";
  }

  test::ScratchFolder folder_;
};

TEST_F(SpeechWeights, SayWhichTensorIsWrong) {
  const std::vector<float> few(6, 0.0F);
  const std::string shape = message("model.layer1.expand.weight", view_of(few, {2, 3}));
  EXPECT_NE(shape.find("model.layer1.expand.weight"), std::string::npos) << shape;
  EXPECT_NE(shape.find("bad.safetensors"), std::string::npos) << shape;
  const std::string missing = message("model.head.bias", {});
  EXPECT_NE(missing.find("model.head.bias"), std::string::npos) << missing;
  const std::string basis = message("basis.lower_project", view_of(few, {2, 3}));
  EXPECT_NE(basis.find("basis.lower_project"), std::string::npos) << basis;
}

TEST_F(SpeechWeights, SayWhichMetadataIsWrong) {
  EXPECT_NE(message("", {}, {{"network", "other"}}).find("other"), std::string::npos);
  EXPECT_NE(message("", {}, {{"version", "9"}}).find("9"), std::string::npos);
  EXPECT_NE(message("", {}, {{"config", "{"}}).find("config"), std::string::npos);
  EXPECT_NE(message("", {}, {{"config", R"({"width":-1})"}}).find("config.width"),
            std::string::npos);
  const std::string good =
      SpeechNetwork(folder_ / "good.safetensors", resolve({"cpu", "fp32", 1})).card().config;
  ASSERT_NE(good.find("\"encoded\":288"), std::string::npos) << good;
  std::string other = good;
  other.replace(other.find("288"), 3, "300");
  EXPECT_NE(message("", {}, {{"config", other}}).find("config.encoded = 300"), std::string::npos);
}

/// Training sees whole pieces, a video frame at a time sees its window: both must hear the same.
TEST_F(SpeechWeights, SayOfAPieceWhatTheySayOfItsWindows) {
  constexpr int kFrames = 130;
  std::vector<float> mel(std::size_t{kFrames} * kSpeechBands);
  for (std::size_t i = 0; i < mel.size(); ++i)
    mel[i] = static_cast<float>((i * 2654435761U) % 977) / 150 - 3;
  std::vector<float> encoded(std::size_t{kFrames} * kEncodedWidth);
  for (std::size_t i = 0; i < encoded.size(); ++i)
    encoded[i] = static_cast<float>((i * 2654435761U) % 773) / 50 - 8;
  const std::vector<float> positions = {65, 68.2F, 90.75F, 119.9F};
  std::vector<float> references(2 * test::kTestLower);
  for (std::size_t i = 0; i < references.size(); ++i)
    references[i] = 0.01F * static_cast<float>(i % 7);
  const auto weights = folder_ / "good.safetensors";
  const std::vector<float> piece =
      test::lower_of_piece(weights, mel, encoded, positions, references);
  const SpeechNetwork network(weights, resolve({"cpu", "fp32", 1}));
  for (std::size_t m = 0; m < positions.size(); ++m) {
    const int last = static_cast<int>(positions[m]) + kSpeechAfter;
    const float offset_s = (static_cast<float>(last) - positions[m]) / 80;
    const std::span window(&mel[(last + 1 - kSpeechWindowFrames) * kSpeechBands],
                           std::size_t{kSpeechWindowFrames} * kSpeechBands);
    const std::span features(&encoded[(last + 1 - kSpeechWindowFrames) * kEncodedWidth],
                             std::size_t{kSpeechWindowFrames} * kEncodedWidth);
    const SpeechCoefficients one = network.predict(window, features, offset_s, references);
    for (int k = 0; k < test::kTestLower; ++k)
      EXPECT_NEAR(one.lower[k], piece[m * test::kTestLower + k], 2e-5) << m << ' ' << k;
  }
}

TEST_F(SpeechWeights, HearTheEncoderOnlyWithTheLongLookAhead) {
  const SpeechNetwork far(folder_ / "good.safetensors", resolve({"cpu", "fp32", 1}));
  EXPECT_EQ(far.encoded_width(), kEncodedWidth);
  const std::string near_file = (folder_ / "near.safetensors").string();
  ASSERT_EQ(training::train_speech({"--pack", (folder_ / "pack").string(), "--out", near_file,
                                    "--steps", "1", "--batch", "2", "--threads", "1", "--device",
                                    "cpu", "--look-ahead", "short"}),
            0);
  const SpeechNetwork near(near_file, resolve({"cpu", "fp32", 1}));
  EXPECT_EQ(near.encoded_width(), 0);

  const std::vector<float> mel(std::size_t{kSpeechWindowFrames} * kSpeechBands);
  const std::vector<float> rest(test::kTestLower);
  std::vector<float> encoded(std::size_t{kSpeechWindowFrames} * kEncodedWidth);
  EXPECT_THROW(near.predict(mel, encoded, 0.12F, rest), Error);
  EXPECT_THROW(far.predict(mel, {}, 0.12F, rest), Error);
  const SpeechCoefficients without = far.predict(mel, encoded, 0.12F, rest);
  std::fill(encoded.end() - std::ptrdiff_t{15} * kEncodedWidth, encoded.end(), 5.0F);
  EXPECT_NE(far.predict(mel, encoded, 0.12F, rest).lower, without.lower);
}

TEST(SpeechWindow, EndsWithinTheLookahead) {
  EXPECT_EQ(last_mel_frame(0), 10);
  EXPECT_EQ(last_mel_frame(199), 10);
  EXPECT_EQ(last_mel_frame(200), 11);
  EXPECT_EQ(last_mel_frame(640), 13);
}

TEST(SpeechBasisTest, ProjectsWhatItAdds) {
  test::ScratchFolder folder;
  test::write_speech_pack(folder.path());
  const SpeechBasis basis = SpeechBasis::read(TensorFile::open(folder / "basis.safetensors"), "");
  std::vector<float> coefficients(test::kTestLower, 0.0F);
  coefficients[0] = 0.1F;
  coefficients[5] = -0.2F;
  FaceMesh offset{};
  add_offset(basis.lower, coefficients, 0.5F, offset);
  EXPECT_GT(offset[14].y, offset[13].y);
  std::vector<float> back(test::kTestLower);
  project(basis.lower, offset, back);
  for (int k = 0; k < test::kTestLower; ++k) EXPECT_NEAR(back[k], 0.5F * coefficients[k], 1e-6);
}

TEST(ComputeRequestTest, ResolvesAndRefuses) {
  const Compute compute = resolve({"cpu", "auto", 0});
  EXPECT_EQ(compute.device, Device::kCpu);
  EXPECT_GE(compute.threads, 1);
  EXPECT_EQ(compute.precision == Precision::kBfloat16, bfloat16_is_faster());
  EXPECT_EQ(resolve({"cpu", "fp32", 3}).description, "cpu, fp32, 3 threads");
  EXPECT_THROW(resolve({"gpu", "auto", 0}), Error);
  EXPECT_THROW(resolve({"cpu", "int8", 0}), Error);
  EXPECT_THROW(resolve({"cpu", "auto", -1}), Error);
  EXPECT_FALSE(torch_version().empty());
}

}  // namespace
}  // namespace visema
