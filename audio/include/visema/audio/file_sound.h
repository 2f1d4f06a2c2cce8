#pragma once

#include <filesystem>
#include <memory>

#include "visema/audio/sound_input.h"
#include "visema/media/audio_reader.h"

namespace visema {

/// The sound of a file or URL, decoded by a thread of its own up to two seconds ahead. clear() ends
/// it.
class FileSound final : public SoundInput {
 public:
  /// Throws Error(kInput) as AudioReader does.
  explicit FileSound(const std::filesystem::path& path, const AudioReaderOptions& options = {});
  ~FileSound() override;

  int rate_hz() const override;
  int channels() const override;
  std::size_t available() const override;
  std::size_t read(std::span<float> out, std::chrono::milliseconds patience) override;
  bool ended() const override;
  void clear() override;
  SoundInputStatistics statistics() const override;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace visema
