#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "random.h"

namespace visema::training {

/// How one sample's sound is changed: loudness, tone colour, pitch, speed, noise, and missing
/// pieces. All levels in mel units (0.08 a decibel).
struct SpeechAugment {
  double speed = 1;       // of sound and face together
  double band_scale = 1;  // moves formants and pitch, as another vocal tract would
  float gain = 0;
  float tilt = 0;    // over all bands, low bands down, high bands up
  float ripple = 0;  // of a random equaliser
  double ripple_waves = 1;
  double ripple_phase = 0;
  float noise_level = -100;  // below -4: none
  float noise_tilt = 0;
  std::uint64_t noise_seed = 0;
  struct Span {
    double begin = 0;
    double end = 0;
  };
  std::array<Span, 2> lost_seconds{};  // relative to the sample's moment
  Span lost_bands{};

  static SpeechAugment draw(Random& random);
};

/// Applies all but speed and band_scale to a window [76 * 80] whose frame j is `seconds[j]` away
/// from the sample's moment and is frame `index[j]` of the clip.
void apply(const SpeechAugment& augment, const std::vector<double>& seconds,
           const std::vector<std::int64_t>& index, float* window);

}  // namespace visema::training
