#include "visema/audio/pcm_decoder.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <utility>

#include "visema/core/error.h"

namespace visema {
namespace {

constexpr std::pair<std::string_view, PcmFormat> kFormats[] = {
    {"s16le", PcmFormat::kS16}, {"s24le", PcmFormat::kS24}, {"s32le", PcmFormat::kS32},
    {"f32le", PcmFormat::kF32}, {"u8", PcmFormat::kU8},     {"mulaw", PcmFormat::kMulaw}};

constexpr float kMost = 8;  // of full scale: more is no sound, and encoders may fail over it

std::uint32_t little_endian(const std::byte* at, int bytes) {
  std::uint32_t value = 0;
  for (int i = 0; i < bytes; ++i) value |= std::to_integer<std::uint32_t>(at[i]) << (8 * i);
  return value;
}

/// A two's complement number of so many bytes, as a part of full scale.
float integer_sample(const std::byte* at, int bytes) {
  const auto top = static_cast<std::int32_t>(little_endian(at, bytes) << (8 * (4 - bytes)));
  return static_cast<float>(top) / 2147483648.0F;
}

/// ITU-T G.711, mu-law.
float mulaw_sample(std::byte code) {
  constexpr int kBias = 132;
  const auto bits = static_cast<unsigned>(~std::to_integer<unsigned>(code)) & 0xFFU;
  const int magnitude =
      static_cast<int>((((bits & 0x0FU) << 3U) + kBias) << ((bits >> 4U) & 7U)) - kBias;
  return static_cast<float>((bits & 0x80U) != 0 ? -magnitude : magnitude) / 32768.0F;
}

}  // namespace

PcmFormat parse_pcm_format(std::string_view text) {
  std::string allowed;
  for (const auto& [name, format] : kFormats) {
    if (name == text) return format;
    allowed += (allowed.empty() ? "" : ", ") + std::string(name);
  }
  throw Error(ErrorCode::kUsage, "format \"" + std::string(text) + "\": must be one of " + allowed);
}

std::size_t bytes_of(PcmFormat format) {
  switch (format) {
    case PcmFormat::kS16:
      return 2;
    case PcmFormat::kS24:
      return 3;
    case PcmFormat::kS32:
    case PcmFormat::kF32:
      return 4;
    case PcmFormat::kU8:
    case PcmFormat::kMulaw:
      return 1;
  }
  return 1;
}

PcmDecoder::PcmDecoder(PcmFormat format, int channels)
    : format_(format), frame_bytes_(bytes_of(format) * static_cast<std::size_t>(channels)) {}

float PcmDecoder::sample(const std::byte* at) const {
  switch (format_) {
    case PcmFormat::kS16:
      return integer_sample(at, 2);
    case PcmFormat::kS24:
      return integer_sample(at, 3);
    case PcmFormat::kS32:
      return integer_sample(at, 4);
    case PcmFormat::kF32: {
      const auto value = std::bit_cast<float>(little_endian(at, 4));
      return std::isfinite(value) ? std::clamp(value, -kMost, kMost) : 0;
    }
    case PcmFormat::kU8:
      return static_cast<float>(std::to_integer<int>(*at) - 128) / 128.0F;
    case PcmFormat::kMulaw:
      return mulaw_sample(*at);
  }
  return 0;
}

void PcmDecoder::decode(std::span<const std::byte> bytes, std::vector<float>& samples) {
  begun_.insert(begun_.end(), bytes.begin(), bytes.end());
  const std::size_t whole = begun_.size() / frame_bytes_ * frame_bytes_;
  for (std::size_t at = 0; at < whole; at += bytes_of(format_))
    samples.push_back(sample(&begun_[at]));
  begun_.erase(begun_.begin(), begun_.begin() + static_cast<std::ptrdiff_t>(whole));
}

}  // namespace visema
