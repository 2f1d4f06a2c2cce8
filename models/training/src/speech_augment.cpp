#include "speech_augment.h"

#include <algorithm>
#include <cmath>

#include "visema/models/speech_network.h"

namespace visema::training {
namespace {

constexpr float kPerNeper = 1.439F;  // mel units to natural logarithm of amplitude: 100 / 8 dB
constexpr float kLowest = -4.0F;
constexpr float kHighest = 4.0F;
constexpr std::uint64_t kNormals = 1U << 14;

const std::vector<float>& normals() {
  static const std::vector<float> kTable = [] {
    Random random(0x5EED, 0);
    std::vector<float> values(kNormals);
    for (float& value : values) value = static_cast<float>(random.normal());
    return values;
  }();
  return kTable;
}

/// Level of the sum of two sounds with these levels.
float mix_levels(float a, float b) {
  const float high = std::max(a, b);
  const float apart = (high - std::min(a, b)) * kPerNeper;
  return apart > 8 ? high : high + std::log1p(std::exp(-apart)) / kPerNeper;
}

}  // namespace

SpeechAugment SpeechAugment::draw(Random& random) {
  SpeechAugment a;
  if (random.chance(0.4)) a.speed = random.uniform(0.88, 1.14);
  if (random.chance(0.4)) a.band_scale = random.uniform(0.92, 1.09);
  a.gain = static_cast<float>(random.uniform(-0.8, 0.6));
  if (random.chance(0.6)) {
    a.tilt = static_cast<float>(random.uniform(-0.5, 0.5));
    a.ripple = static_cast<float>(random.uniform(0, 0.3));
    a.ripple_waves = random.uniform(0.5, 3);
    a.ripple_phase = random.uniform(0, 2 * std::numbers::pi);
  }
  if (random.chance(0.5)) {
    a.noise_level = static_cast<float>(random.uniform(-4, -0.8));
    a.noise_tilt = static_cast<float>(random.uniform(-1, 0.5));
    a.noise_seed = random.next();
  }
  for (Span& span : a.lost_seconds) {
    if (!random.chance(0.3)) continue;
    span.begin = random.uniform(-0.8, 0.1);
    span.end = span.begin + random.uniform(0.01, 0.07);
  }
  if (random.chance(0.4)) {
    a.lost_bands.begin = random.uniform(0, kSpeechBands - 4);
    a.lost_bands.end = a.lost_bands.begin + random.uniform(1, 10);
  }
  return a;
}

void apply(const SpeechAugment& a, const std::vector<double>& seconds,
           const std::vector<std::int64_t>& index, float* window) {
  std::array<float, kSpeechBands> tone{};
  for (int b = 0; b < kSpeechBands; ++b) {
    const double across = static_cast<double>(b) / (kSpeechBands - 1);
    tone[b] = a.gain + a.tilt * static_cast<float>(across - 0.5) +
              a.ripple * static_cast<float>(std::cos(
                             2 * std::numbers::pi * a.ripple_waves * across + a.ripple_phase));
  }
  const std::vector<float>& table = normals();
  float sum = 0;
  for (std::size_t j = 0; j < seconds.size(); ++j) {
    float* frame = window + j * kSpeechBands;
    for (int b = 0; b < kSpeechBands; ++b) {
      float level = frame[b] + tone[b];
      if (a.noise_level >= kLowest) {
        const std::uint64_t place =
            a.noise_seed + static_cast<std::uint64_t>(index[j] * kSpeechBands + b);
        const float across = static_cast<float>(b) / (kSpeechBands - 1);
        level = mix_levels(level,
                           a.noise_level + a.noise_tilt * across + 0.25F * table[place % kNormals]);
      }
      frame[b] = std::clamp(level, kLowest, kHighest);
      sum += frame[b];
    }
  }
  const float mean = sum / static_cast<float>(seconds.size() * kSpeechBands);
  const int first_band = static_cast<int>(a.lost_bands.begin);
  const int end_band = std::min<int>(kSpeechBands, static_cast<int>(a.lost_bands.end));
  for (std::size_t j = 0; j < seconds.size(); ++j) {
    float* frame = window + j * kSpeechBands;
    for (const SpeechAugment::Span& span : a.lost_seconds)
      if (seconds[j] >= span.begin && seconds[j] < span.end) std::fill_n(frame, kSpeechBands, mean);
    if (end_band > first_band) std::fill(frame + first_band, frame + end_band, mean);
  }
}

}  // namespace visema::training
