#include <algorithm>
#include <array>
#include <cmath>

#include "visema/audio/mel.h"

namespace visema {
namespace {

// The mel scale of Slaney's Auditory Toolbox (1998): linear below 1 kHz, logarithmic above.
constexpr double kHzPerMel = 200.0 / 3;
constexpr double kBreakHz = 1000;
constexpr double kBreakMel = kBreakHz / kHzPerMel;
const double kLogStep = std::log(6.4) / 27;

double hz_to_mel(double hz) {
  return hz < kBreakHz ? hz / kHzPerMel : kBreakMel + std::log(hz / kBreakHz) / kLogStep;
}

double mel_to_hz(double mel) {
  return mel < kBreakMel ? mel * kHzPerMel : kBreakHz * std::exp(kLogStep * (mel - kBreakMel));
}

}  // namespace

std::vector<float> mel_filterbank() {
  constexpr int kBins = kMelWindowSamples / 2 + 1;
  std::array<double, kMelBands + 2> edge_hz;
  const double low = hz_to_mel(55);
  const double high = hz_to_mel(7600);
  for (int i = 0; i < kMelBands + 2; ++i)
    edge_hz[i] = mel_to_hz(low + (high - low) * i / (kMelBands + 1));

  std::vector<float> weights(static_cast<std::size_t>(kMelBands) * kBins);
  for (int band = 0; band < kMelBands; ++band) {
    const double left = edge_hz[band];
    const double centre = edge_hz[band + 1];
    const double right = edge_hz[band + 2];
    for (int bin = 0; bin < kBins; ++bin) {
      const double hz = static_cast<double>(bin) * kSpeechRateHz / kMelWindowSamples;
      const double height =
          std::max(0.0, std::min((hz - left) / (centre - left), (right - hz) / (right - centre)));
      weights[static_cast<std::size_t>(band) * kBins + bin] =
          static_cast<float>(height * 2 / (right - left));
    }
  }
  return weights;
}

}  // namespace visema
