#include "visema/models/speech_encoder.h"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <map>

#include "speech_pack.h"
#include "visema/core/error.h"
#include "visema/models/graph_convert.h"
#include "visema/models/tensor_file.h"

namespace visema {
namespace {

const std::filesystem::path kFile =
    VISEMA_BINARY_DIR "/share/visema/models/speech_encoder.safetensors";

std::vector<float> sound() {
  std::vector<float> samples(static_cast<std::size_t>(samples_of_rows(40)));
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const double t = static_cast<double>(i) / 16000;
    samples[i] = static_cast<float>(
        0.3 * std::sin(2 * M_PI * (140 * t + 60 * t * t)) * (1 + std::sin(2 * M_PI * 4 * t)) +
        0.1 * std::sin(2 * M_PI * 2300 * t) * (1 + std::sin(2 * M_PI * 7 * t)));
  }
  return samples;
}

class SpeechEncoderTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(kFile)) GTEST_SKIP() << kFile << ": run `make models`";
  }
};

/// The input of the fifth layer, as ONNX Runtime 1.30 computes it from the published file, whose
/// products are of 8 bits: it differs from the same weights in float by 0.35 in the mean.
TEST_F(SpeechEncoderTest, HearsWhatThePublishedNetworkHears) {
  const std::map<int, std::vector<float>> expected = {
      {0,
       {4.38F, -0.85F, -9.48F, 4.56F, 7.02F, -1.80F, -5.04F, 5.12F, -1.61F, -4.40F, 9.94F, -1.98F}},
      {12,
       {3.58F, 1.95F, -9.52F, 2.19F, 12.49F, -2.83F, -0.62F, 0.16F, -1.66F, -10.52F, 9.61F,
        -1.88F}},
      {30,
       {2.46F, 3.97F, 0.61F, 2.26F, 14.52F, -0.64F, -0.85F, -2.42F, 1.61F, -0.02F, 1.29F, -3.24F}}};
  const std::vector<float> rows = SpeechEncoder(kFile).encode(sound());
  ASSERT_EQ(rows.size(), 40U * kEncodedWidth);
  for (const auto& [row, values] : expected)
    for (std::size_t i = 0; i < values.size(); ++i)
      EXPECT_NEAR(rows[row * kEncodedWidth + i], values[i], 0.8) << row << ' ' << i;
}

/// As far as the sound is not so loud that its first layer's tanh bends it.
TEST_F(SpeechEncoderTest, TakesLittleNoticeOfTheMicrophonesGain) {
  const SpeechEncoder encoder(kFile);
  std::vector<float> loud = sound(), quiet = sound();
  for (float& sample : loud) sample *= 0.1F;
  for (float& sample : quiet) sample *= 0.05F;
  const std::vector<float> loud_rows = encoder.encode(loud), quiet_rows = encoder.encode(quiet);
  double apart = 0, size = 0;
  for (std::size_t i = 0; i < loud_rows.size(); ++i) {
    apart += std::abs(loud_rows[i] - quiet_rows[i]);
    size += std::abs(loud_rows[i]);
  }
  EXPECT_LT(apart, 0.1 * size);
}

TEST_F(SpeechEncoderTest, SaysWhichTensorIsWrong) {
  const test::ScratchFolder folder;
  const TensorFile good = TensorFile::open(kFile);
  std::map<std::string, Tensor> tensors;
  for (const std::string& name : good.names()) tensors[name] = good.get(name);
  tensors.erase("layers.2.key.weight");
  write_tensor_file(folder / "bad.safetensors", tensors, good.metadata());
  try {
    const SpeechEncoder encoder(folder / "bad.safetensors");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kModel);
    EXPECT_NE(std::string(error.what()).find("layers.2.key.weight"), std::string::npos);
    EXPECT_NE(std::string(error.what()).find("bad.safetensors"), std::string::npos);
  }
}

TEST(SpeechEncoderConversion, TakesThePinnedFileOnly) {
  const test::ScratchFolder folder;
  std::ofstream(folder / "other.onnx") << "no network";
  EXPECT_THROW(convert_speech_encoder(folder / "other.onnx", folder / "out.safetensors"), Error);
  EXPECT_FALSE(std::filesystem::exists(folder / "out.safetensors"));
}

}  // namespace
}  // namespace visema
