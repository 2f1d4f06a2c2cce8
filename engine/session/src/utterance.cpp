#include "utterance.h"

#include <cstddef>
#include <filesystem>
#include <string_view>
#include <vector>

#include "visema/audio/file_sound.h"
#include "visema/audio/memory_sound.h"
#include "visema/audio/pcm_decoder.h"
#include "visema/core/error.h"
#include "visema/media/resampler.h"

namespace visema::session {
namespace {

constexpr std::size_t kMostSeconds = 600;
constexpr std::string_view kDigits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// RFC 4648, section 4; padding may be left out.
std::vector<std::byte> decode_base64(std::string_view text) {
  while (text.ends_with('=')) text.remove_suffix(1);
  std::vector<std::byte> bytes;
  bytes.reserve(text.size() * 3 / 4);
  unsigned bits = 0;
  int count = 0;
  for (const char digit : text) {
    const auto value = kDigits.find(digit);
    if (value == std::string_view::npos)
      throw Error(ErrorCode::kUsage, "pcm: must be base64 (RFC 4648)");
    bits = (bits << 6U) | static_cast<unsigned>(value);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    bytes.push_back(static_cast<std::byte>((bits >> static_cast<unsigned>(count)) & 0xFFU));
  }
  return bytes;
}

/// Before anything is decoded.
void check_length(std::string_view base64, PcmFormat format, const SoundForm& given) {
  while (base64.ends_with('=')) base64.remove_suffix(1);
  const std::size_t frame_bytes = bytes_of(format) * static_cast<std::size_t>(given.channels);
  const std::size_t frames = base64.size() * 3 / 4 / frame_bytes;
  const auto rate = static_cast<std::size_t>(given.rate_hz);
  if (frames > kMostSeconds * rate)
    throw Error(ErrorCode::kUsage, "pcm: " + std::to_string((frames + rate - 1) / rate) +
                                       " s of sound: at most " + std::to_string(kMostSeconds) +
                                       " s are allowed, more in a file");
}

void append(AudioBlock& sound, const AudioBlock& more) {
  sound.samples.insert(sound.samples.end(), more.samples.begin(), more.samples.end());
}

}  // namespace

std::shared_ptr<SoundInput> utterance_of_file(const std::string& path, const SoundForm& session) {
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(path, ignored))
    throw Error(ErrorCode::kInput, path + ": must be a sound file");
  return std::make_shared<FileSound>(path, AudioReaderOptions{session.rate_hz, session.channels});
}

std::shared_ptr<SoundInput> utterance_of_pcm(const std::string& base64, const std::string& format,
                                             const SoundForm& given, const SoundForm& session) {
  const PcmFormat coded = parse_pcm_format(format);
  check_length(base64, coded, given);
  AudioBlock raw{0, given.rate_hz, given.channels, {}};
  PcmDecoder(coded, given.channels).decode(decode_base64(base64), raw.samples);
  if (raw.samples.empty()) throw Error(ErrorCode::kUsage, "pcm: holds no sound");
  Resampler resampler(given.rate_hz, given.channels, session.rate_hz, session.channels);
  AudioBlock sound{0, session.rate_hz, session.channels, {}};
  append(sound, resampler.process(raw));
  append(sound, resampler.finish());
  return std::make_shared<MemorySound>(std::move(sound));
}

}  // namespace visema::session
