#pragma once

#include <deque>
#include <memory>
#include <optional>

#include "frame_items.h"
#include "speech_models.h"
#include "visema/audio/mel.h"
#include "visema/audio/voice_activity.h"
#include "visema/landmarks/avatar.h"
#include "visema/landmarks/canonical_face.h"
#include "visema/landmarks/encoded_speech.h"
#include "visema/landmarks/expression.h"
#include "visema/landmarks/life_motion.h"
#include "visema/landmarks/speech_to_landmarks.h"
#include "visema/media/resampler.h"
#include "visema/pipeline/stage.h"
#include "visema/session/render.h"

namespace visema::session {

visema::Expression landmark_expression(Expression expression);

struct SpeechStageOptions {
  Rational fps;
  std::uint64_t seed = 1;
  bool head = true;   // seeded head motion
  bool blink = true;  // seeded blinks
  bool gaze = true;   // seeded glances
  Expression expression = Expression::kNeutral;
  double expression_strength = 1;
  double articulation = 1;
};

/// Sound as it was decoded to one motion per video frame, the sound going along. The motion of a
/// frame is the speech network's, the expression's and the seeded life's together.
class SpeechStage {
 public:
  SpeechStage(const SpeechModels& models, const Avatar& avatar, const CanonicalFace& canonical,
              const SpeechStageOptions& options, int rate_hz, int channels);

  void process(AudioBlock block, const Emit<SpokenFrame>& emit);
  void finish(const Emit<SpokenFrame>& emit);
  void reset();

 private:
  void hear(const AudioBlock& speech, const Emit<SpokenFrame>& emit);
  void pass_features(const Emit<SpokenFrame>& emit);
  void complete(FaceMotion motion, const Emit<SpokenFrame>& emit);
  float level_at(SampleIndex sample) const;

  const Avatar& avatar_;
  const SpeechStageOptions options_;
  const int rate_hz_;
  FaceMesh expression_{};
  std::vector<float> speech_share_;  // of the speech network's offset, per point
  Resampler resampler_;
  LogMel mel_;
  std::optional<EncodedSpeech> encoded_;  // where the network hears it
  VoiceActivity voice_;
  SpeechToLandmarks speech_;
  SpeechLevel level_;
  std::optional<LifeMotion> life_;
  FrameIndex mel_passed_ = 0;
  FrameIndex encoded_passed_ = 0;
  FrameIndex gain_passed_ = 0;
  std::deque<float> levels_;  // of mel frames from first_level_
  FrameIndex first_level_ = 0;
  SampleIndex samples_ = 0;        // at rate_hz_
  std::vector<AudioBlock> sound_;  // that goes with the next frame
};

}  // namespace visema::session
