#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "visema/core/image.h"

namespace visema {

struct AudioReaderOptions {
  int rate_hz = 0;         // 0: keep the file's
  int channels = 0;        // 0: keep the file's
  std::stop_token stop{};  // ends reading, also where it waits for a network: as if cut short there
};

struct AudioInfo {
  int rate_hz = 0;  // as delivered
  int channels = 0;
  int source_rate_hz = 0;
  int source_channels = 0;
  double duration_s = 0;  // from the header, 0 when it says nothing
  std::string codec;
};

/// Turns the sound of an audio or video file into blocks of float samples.
///
/// Encoder delay and padding that the file declares are cut off. Channels are mixed down without
/// clipping (stereo to mono is the mean). NaN and infinite samples become 0 and are counted.
/// One thread at a time. Throws Error(kInput) when there is no sound or no sample of it.
class AudioReader {
 public:
  explicit AudioReader(const std::filesystem::path& path, const AudioReaderOptions& options = {});
  ~AudioReader();
  AudioReader(AudioReader&&) noexcept;
  AudioReader& operator=(AudioReader&&) noexcept;

  const AudioInfo& info() const;
  /// The next block, not empty, following the one before; nothing after the last.
  std::optional<AudioBlock> read();
  /// Values that were not finite so far.
  std::int64_t non_finite() const;
  /// Some of the file was missing or could not be decoded. Final after the last block.
  bool damaged() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace visema
