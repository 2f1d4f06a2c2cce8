#include "visema/audio/phones.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <random>
#include <thread>
#include <vector>

#include "visema/core/error.h"
#include "visema/media/audio_reader.h"

namespace visema {
namespace {

class PhonesTest : public testing::Test {
 protected:
  void TearDown() override { std::filesystem::remove(wav_); }

  /// 16 kHz samples of a sentence by flite; empty where flite is not installed.
  std::vector<float> say(const std::string& text) {
    const std::string command =
        "flite -voice slt -t '" + text + "' -o '" + wav_.string() + "' >/dev/null 2>&1";
    if (std::system(command.c_str()) != 0 || !std::filesystem::exists(wav_)) return {};
    std::vector<float> samples;
    AudioReader reader(wav_, {16000, 1});
    while (auto block = reader.read())
      samples.insert(samples.end(), block->samples.begin(), block->samples.end());
    return samples;
  }

  std::filesystem::path wav_ = std::filesystem::temp_directory_path() /
                               ("visema-phones-" + std::to_string(getpid()) + ".wav");
};

TEST_F(PhonesTest, HearsTheLipClosuresOfASentence) {
  const std::vector<float> samples = say("Papa bought my mama a baby pump.");
  if (samples.empty()) GTEST_SKIP() << "flite is not installed";
  PhoneRecogniser recogniser;
  recogniser.push(samples);
  int closures = 0;
  SampleIndex last = 0;
  for (const Phone& phone : recogniser.finish()) {
    EXPECT_GE(phone.begin, last) << phone.symbol;
    EXPECT_GT(phone.end, phone.begin);
    EXPECT_LE(phone.end, static_cast<SampleIndex>(samples.size()) + 320);
    last = phone.begin;
    closures += phone.symbol == "P" || phone.symbol == "B" || phone.symbol == "M" ? 1 : 0;
  }
  EXPECT_GE(closures, 5);  // ten are spoken
  EXPECT_LE(closures, 14);
}

TEST_F(PhonesTest, PhonesDoNotDependOnHowTheSoundWasCut) {
  const std::vector<float> samples = say("Many men may move a big box.");
  if (samples.empty()) GTEST_SKIP() << "flite is not installed";
  PhoneRecogniser whole, cut;
  whole.push(samples);
  for (std::size_t i = 0; i < samples.size(); i += 777)
    cut.push(std::span(samples).subspan(i, std::min<std::size_t>(777, samples.size() - i)));
  const auto a = whole.finish();
  const auto b = cut.finish();
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    EXPECT_EQ(a[i].symbol, b[i].symbol);
    EXPECT_EQ(a[i].begin, b[i].begin);
  }
}

TEST_F(PhonesTest, SeveralHearTheSameAtTheSameTime) {
  std::vector<float> samples(48000);  // buzz and hiss in turn
  std::minstd_rand random;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const float hiss = 0.1F * (static_cast<float>(random() % 2000) / 1000 - 1);
    samples[i] = i / 3200 % 2 == 1 ? hiss : i % 133 < 20 ? 0.4F : 0.0F;
  }
  std::array<std::vector<Phone>, 4> heard;
  {
    std::vector<std::jthread> threads;
    for (auto& phones : heard)
      threads.emplace_back([&] {
        PhoneRecogniser recogniser;
        recogniser.push(samples);
        phones = recogniser.finish();
      });
  }
  EXPECT_GT(heard[0].size(), 2U);
  for (const auto& phones : heard) {
    ASSERT_EQ(phones.size(), heard[0].size());
    for (std::size_t i = 0; i < phones.size(); ++i) {
      EXPECT_EQ(phones[i].symbol, heard[0][i].symbol);
      EXPECT_EQ(phones[i].begin, heard[0][i].begin);
    }
  }
}

TEST_F(PhonesTest, NothingIsPrinted) {
  testing::internal::CaptureStderr();
  PhoneRecogniser recogniser;
  recogniser.push(std::vector<float>(16000, 0.0F));
  recogniser.finish();
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

TEST_F(PhonesTest, LongSoundIsDecodedInPieces) {
  const std::vector<float> samples = say("My papa may move a big box.");
  if (samples.empty()) GTEST_SKIP() << "flite is not installed";
  PhoneRecogniser recogniser;
  std::size_t pushed = 0;
  while (pushed < 14 * 16000) {
    recogniser.push(samples);
    pushed += samples.size();
  }
  const auto phones = recogniser.finish();
  ASSERT_FALSE(phones.empty());
  EXPECT_GT(phones.back().begin, static_cast<SampleIndex>(pushed) - 32000);
  for (std::size_t i = 1; i < phones.size(); ++i) EXPECT_GE(phones[i].begin, phones[i - 1].begin);
}

TEST_F(PhonesTest, SilenceHasNoPhones) {
  PhoneRecogniser recogniser;
  recogniser.push(std::vector<float>(32000, 0.0F));
  EXPECT_LE(recogniser.finish().size(), 2U);
  EXPECT_TRUE(PhoneRecogniser().finish().empty());
}

TEST_F(PhonesTest, MissingModelsAreNamed) {
  setenv("VISEMA_PHONE_MODELS", "/nowhere", 1);
  try {
    const PhoneRecogniser recogniser;
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kModel);
    EXPECT_NE(std::string(error.what()).find("/nowhere/en-us"), std::string::npos);
  }
  unsetenv("VISEMA_PHONE_MODELS");
}

}  // namespace
}  // namespace visema
