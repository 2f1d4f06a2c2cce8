#pragma once

#include <mutex>
#include <vector>

#include "visema/audio/sound_input.h"
#include "visema/core/image.h"

namespace visema {

/// Sound that is there already.
class MemorySound final : public SoundInput {
 public:
  explicit MemorySound(AudioBlock sound) : sound_(std::move(sound)) {}

  int rate_hz() const override { return sound_.rate_hz; }
  int channels() const override { return sound_.channels; }
  std::size_t available() const override;
  std::size_t read(std::span<float> out, std::chrono::milliseconds patience) override;
  bool ended() const override { return available() == 0; }
  void clear() override;
  SoundInputStatistics statistics() const override { return {available(), 1, {}}; }

 private:
  mutable std::mutex mutex_;
  const AudioBlock sound_;
  std::size_t taken_ = 0;  // samples
};

}  // namespace visema
