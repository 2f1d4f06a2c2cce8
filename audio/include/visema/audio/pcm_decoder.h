#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace visema {

enum class PcmFormat { kS16, kS24, kS32, kF32, kU8, kMulaw };  // all little-endian

/// s16le, s24le, s32le, f32le, u8, mulaw. Throws Error(kUsage) for other words.
PcmFormat parse_pcm_format(std::string_view text);
std::size_t bytes_of(PcmFormat format);

/// Bytes, cut anywhere, to interleaved samples in whole frames; a frame is one sample of every
/// channel. Samples that are not finite become 0, those beyond -8..8 that limit. One
/// thread at a time.
class PcmDecoder {
 public:
  PcmDecoder(PcmFormat format, int channels);

  /// Appends the samples of all frames that are complete now.
  void decode(std::span<const std::byte> bytes, std::vector<float>& samples);
  /// Forgets a frame that was begun.
  void reset() { begun_.clear(); }

 private:
  float sample(const std::byte* at) const;

  const PcmFormat format_;
  const std::size_t frame_bytes_;
  std::vector<std::byte> begun_;  // less than a frame
};

}  // namespace visema
