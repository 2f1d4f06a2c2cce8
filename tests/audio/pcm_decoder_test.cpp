#include "visema/audio/pcm_decoder.h"

#include <gmock/gmock.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <random>

#include "visema/core/error.h"

namespace visema {
namespace {

using testing::ElementsAre;
using testing::FloatNear;

std::vector<std::byte> bytes_from(const std::vector<int>& values) {
  std::vector<std::byte> bytes;
  for (const int value : values) bytes.push_back(static_cast<std::byte>(value));
  return bytes;
}

std::vector<float> decode(PcmFormat format, const std::vector<std::byte>& bytes) {
  std::vector<float> samples;
  PcmDecoder(format, 1).decode(bytes, samples);
  return samples;
}

TEST(PcmDecoder, KnowsTheValuesOfEveryFormat) {
  EXPECT_THAT(decode(PcmFormat::kS16, bytes_from({0x00, 0x80, 0xFF, 0x7F, 0x00, 0x40})),
              ElementsAre(-1.0F, FloatNear(32767.0F / 32768, 1e-7F), 0.5F));
  EXPECT_THAT(decode(PcmFormat::kS24, bytes_from({0x00, 0x00, 0x80, 0x00, 0x00, 0x40})),
              ElementsAre(-1.0F, 0.5F));
  EXPECT_THAT(decode(PcmFormat::kS32, bytes_from({0, 0, 0, 0x80, 0, 0, 0, 0xC0})),
              ElementsAre(-1.0F, -0.5F));
  EXPECT_THAT(decode(PcmFormat::kU8, bytes_from({0, 128, 192})), ElementsAre(-1.0F, 0.0F, 0.5F));
  // ITU-T G.711: 0xFF and 0x7F are zero, 0x80 and 0x00 the extremes.
  EXPECT_THAT(decode(PcmFormat::kMulaw, bytes_from({0xFF, 0x7F, 0x80, 0x00})),
              ElementsAre(0.0F, 0.0F, 32124.0F / 32768, -32124.0F / 32768));
}

TEST(PcmDecoder, NumbersThatAreNotFiniteAreSilenceAndHugeOnesBounded) {
  const float values[] = {0.25F,
                          std::numeric_limits<float>::quiet_NaN(),
                          std::numeric_limits<float>::infinity(),
                          -1.5F,
                          3e38F,
                          -9.0F};
  std::vector<std::byte> bytes(sizeof values);
  std::memcpy(bytes.data(), values, sizeof values);
  EXPECT_THAT(decode(PcmFormat::kF32, bytes), ElementsAre(0.25F, 0.0F, 0.0F, -1.5F, 8.0F, -8.0F));
}

TEST(PcmDecoder, ItDoesNotMatterHowTheBytesAreCut) {
  std::mt19937 random(7);
  std::vector<std::byte> bytes(6000);
  for (auto& byte : bytes) byte = static_cast<std::byte>(random() & 0xFFU);
  std::vector<float> whole;
  PcmDecoder(PcmFormat::kS24, 2).decode(bytes, whole);
  ASSERT_EQ(whole.size(), 2000U);
  for (int run = 0; run < 20; ++run) {
    PcmDecoder decoder(PcmFormat::kS24, 2);
    std::vector<float> pieces;
    for (std::size_t at = 0; at < bytes.size();) {
      const std::size_t size = std::min<std::size_t>(1 + random() % 11, bytes.size() - at);
      decoder.decode(std::span(bytes).subspan(at, size), pieces);
      EXPECT_EQ(pieces.size() % 2, 0U);
      at += size;
    }
    EXPECT_EQ(pieces, whole);
  }
}

TEST(PcmDecoder, AfterAResetAFrameBeginsAnew) {
  PcmDecoder decoder(PcmFormat::kS16, 1);
  std::vector<float> samples;
  decoder.decode(bytes_from({0x11}), samples);
  decoder.reset();
  decoder.decode(bytes_from({0x00, 0x40}), samples);
  EXPECT_THAT(samples, ElementsAre(0.5F));
}

TEST(PcmDecoder, AFormatThatDoesNotExistIsNamed) {
  try {
    parse_pcm_format("s12");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kUsage);
    EXPECT_STREQ(error.what(),
                 "format \"s12\": must be one of s16le, s24le, s32le, f32le, u8, mulaw");
  }
}

}  // namespace
}  // namespace visema
