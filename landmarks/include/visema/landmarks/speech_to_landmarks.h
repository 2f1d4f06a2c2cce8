#pragma once

#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "visema/core/landmark_frame.h"
#include "visema/core/time.h"
#include "visema/landmarks/speaking_style.h"
#include "visema/models/speech_network.h"

namespace visema {

class LikelyFace;

/// What is newly known of the sound: log-mel frames (audio::LogMel, 80 bands, 80 frames a second)
/// and the speech gain of frames (audio::VoiceActivity, 0 silence .. 1 speech), which lags behind
/// by two frames, and the features of EncodedSpeech where the network hears them, up to three
/// seconds. Each part continues where the part before it ended; either may be empty.
struct SpeechFeatures {
  FrameIndex first_mel = 0;
  std::vector<float> mel;  // n * 80
  FrameIndex first_encoded = 0;
  std::vector<float> encoded;  // n * SpeechNetwork::encoded_width(), of EncodedSpeech
  FrameIndex first_gain = 0;
  std::vector<float> gain;
};

/// Times what the shipped speech network says of lips and jaw, so that mouths move as far as real
/// ones: what is trained on mean errors moves less (docs/adr/0020).
inline constexpr float kNaturalArticulation = 1.25F;
inline constexpr float kMostArticulation = 2;  // times the natural one

/// Sound features to one FaceMotion per video frame: lips and jaw, brows and cheeks as offsets from
/// the speaker's rest face. Frame f is emitted as soon as the sound up to 150 ms after its start is
/// known, with the long look-ahead as soon as its features are. In silence lips and jaw ease to the
/// rest face, whose lips are closed. What is emitted does not depend on how the features were cut;
/// memory is bounded. One thread at a time.
class SpeechToLandmarks {
 public:
  using Emit = std::function<void(FaceMotion)>;

  /// `faces`: up to four canonical faces of the speaker spread over mouth openness
  /// (Avatar::speech_references); none for a portrait. `articulation`: how far lips and jaw move,
  /// 1 as people do, 0 not at all. `style`: the speaker's, of this network; its posture may be
  /// empty. Throws Error(kUsage) for a frame rate that is not positive or an articulation that is
  /// not in 0..kMostArticulation, Error(kInternal) for a posture of another basis.
  SpeechToLandmarks(std::shared_ptr<const SpeechNetwork> network, Rational fps,
                    const FaceMesh& rest, std::span<const FaceMesh> faces, float articulation = 1,
                    const SpeakingStyle& style = {});
  ~SpeechToLandmarks();
  SpeechToLandmarks(SpeechToLandmarks&&) noexcept;
  SpeechToLandmarks& operator=(SpeechToLandmarks&&) noexcept;

  /// Throws Error(kInternal) when a part does not continue the part before.
  void process(const SpeechFeatures& features, const Emit& emit);
  /// The sound ended after `samples` at 16 kHz: emits what is missing to
  /// frames_covering(samples, 16000, fps); after the end there is silence.
  void finish(SampleIndex samples, const Emit& emit);
  /// Back to an empty stream.
  void reset();

 private:
  /// Rows of `width` numbers by absolute index; the oldest are dropped.
  struct Track {
    std::size_t width = 1;
    FrameIndex first = 0;
    std::vector<float> values;

    FrameIndex end() const {
      return first + (width == 0 ? 0 : static_cast<FrameIndex>(values.size() / width));
    }
    void append(FrameIndex at, std::span<const float> more, const char* what);
    void drop_before(FrameIndex index);
  };

  SampleIndex start_of_next() const;
  void emit_next(const Emit& emit);
  float gain_around(SampleIndex sample) const;
  void drop_old();
  /// What the network sees of a track, up to row `last`; `outside` where it has no row.
  static std::vector<float> window(const Track& track, FrameIndex last, float outside);

  std::shared_ptr<const SpeechNetwork> network_;
  std::unique_ptr<LikelyFace> likely_;
  Rational fps_;
  float articulation_;             // as asked for
  float style_articulation_;       // the speaker's
  std::vector<float> posture_;     // lower coefficients, or empty
  std::vector<float> references_;  // R * lower coefficients
  Track mel_;
  Track encoded_;
  Track gain_;
  FrameIndex next_ = 0;
};

}  // namespace visema
