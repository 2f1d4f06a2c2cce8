#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "visema/core/landmark_frame.h"
#include "visema/core/time.h"
#include "visema/models/compute.h"
#include "visema/models/speech_basis.h"
#include "visema/models/weight_card.h"

namespace visema {

inline constexpr const char* kSpeechName = "visema-speech";
inline constexpr const char* kSpeechVersion = "2";

/// Log-mel frames that the network sees for a moment t: those centred in (t - 0.825, t + 0.125 s],
/// 80 a second, 80 bands in -4..4. With half a mel window (25 ms) the look-ahead is 150 ms.
inline constexpr int kSpeechBands = 80;
inline constexpr int kSpeechMelHop = 200;  // samples at 16 kHz
inline constexpr int kSpeechWindowFrames = 76;
/// Of those, the frames before and after the last one that is not later than t.
inline constexpr int kSpeechBefore = 65;
inline constexpr int kSpeechAfter = 10;
inline constexpr int kSpeechLookahead = 2000;  // samples at 16 kHz
inline constexpr float kSpeechMelSilence = -4.0F;
inline constexpr int kSpeechReferences = 4;

/// Last mel frame of the window for the moment at `sample` (16 kHz).
FrameIndex last_mel_frame(SampleIndex sample);

/// What the network says about one moment.
struct SpeechCoefficients {
  std::vector<float> lower;  // of SpeechBasis::lower, canonical units
  std::vector<float> upper;  // of SpeechBasis::upper
  float closed = 0;          // probability that the inner lips touch
};

/// Speech to articulation: a transformer over a window of log-mel and the speaker's own reference
/// mouths (tokens, as in IP-LAP, Zhong et al. 2023) that answers for one moment of any frame rate.
/// Networks of the long look-ahead hear a SpeechEncoder's features beside the log-mel.
/// The answer depends on its arguments alone. Runs in fp32. Any number of threads may call
/// predict() at the same time. Throws Error(kModel) on construction, naming the file and the
/// tensor.
class SpeechNetwork {
 public:
  SpeechNetwork(const std::filesystem::path& path, const Compute& compute);
  ~SpeechNetwork();
  SpeechNetwork(SpeechNetwork&&) noexcept;
  SpeechNetwork& operator=(SpeechNetwork&&) noexcept;

  /// mel [76 * 80]; encoded [76 * encoded_width()], the features of the same frames, 0 where there
  /// is no sound; last_offset_s = centre of the last mel frame minus t, in (0.1125, 0.125];
  /// references [R * lower.count], 1 <= R <= 4 lower coefficients of the speaker's frames, all zero
  /// for the rest face.
  SpeechCoefficients predict(std::span<const float> mel, std::span<const float> encoded,
                             float last_offset_s, std::span<const float> references) const;

  /// Features of a SpeechEncoder that it hears, 0: none.
  int encoded_width() const;

  const SpeechBasis& basis() const;
  const WeightCard& card() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace visema
