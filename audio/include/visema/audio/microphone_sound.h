#pragma once

#include <memory>
#include <string>

#include "visema/audio/sound_input.h"

namespace visema {

/// A microphone as an input, mono. Its clock may differ from ours: it is resampled within 0.5 % to
/// keep up. While the device is gone there is nothing to hear.
class MicrophoneSound final : public SoundInput {
 public:
  /// Throws Error(kInput) as Microphone does.
  MicrophoneSound(const std::string& device, int rate_hz);
  ~MicrophoneSound() override;

  int rate_hz() const override;
  int channels() const override { return 1; }
  std::size_t available() const override;
  std::size_t read(std::span<float> out, std::chrono::milliseconds patience) override;
  bool ended() const override { return false; }
  void clear() override;
  bool waits() const override { return false; }
  SoundInputStatistics statistics() const override;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace visema
