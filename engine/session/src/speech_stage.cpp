#include "speech_stage.h"

#include <algorithm>

#include "visema/landmarks/expression.h"
#include "visema/landmarks/face_regions.h"

namespace visema::session {
namespace {

/// Mel frames whose speech level is kept behind the newest, more than any frame waits.
constexpr std::size_t kLevelsKept = 800;

}  // namespace

visema::Expression landmark_expression(Expression expression) {
  switch (expression) {
    case Expression::kHappy:
      return visema::Expression::kHappy;
    case Expression::kSad:
      return visema::Expression::kSad;
    case Expression::kAngry:
      return visema::Expression::kAngry;
    case Expression::kSurprised:
      return visema::Expression::kSurprised;
    case Expression::kNeutral:
      break;
  }
  return visema::Expression::kNeutral;
}

namespace {

/// A picture takes the whole of what speech does to a face; a video keeps its own upper face.
std::vector<float> speech_share(const Avatar& avatar, const CanonicalFace& canonical) {
  if (avatar.is_still) return std::vector<float>(kMeshPoints, 1.0F);
  const RegionWeights lower = lower_face_weights(canonical.mesh());
  return {lower.begin(), lower.end()};
}

void add(FaceMesh& sum, const FaceMesh& more) {
  for (std::size_t i = 0; i < sum.size(); ++i) {
    sum[i].x += more[i].x;
    sum[i].y += more[i].y;
    sum[i].z += more[i].z;
  }
}

}  // namespace

SpeechStage::SpeechStage(const SpeechModels& models, const Avatar& avatar,
                         const CanonicalFace& canonical, const SpeechStageOptions& options,
                         int rate_hz, int channels)
    : avatar_(avatar),
      options_(options),
      rate_hz_(rate_hz),
      expression_(expression_offset(landmark_expression(options.expression),
                                    static_cast<float>(options.expression_strength), canonical)),
      speech_share_(speech_share(avatar, canonical)),
      resampler_(rate_hz, channels, kSpeechRateHz, 1),
      speech_(models.network, options.fps, avatar.rest, avatar.speech_references,
              static_cast<float>(options.articulation),
              avatar.styles.empty() ? SpeakingStyle{} : avatar.styles.front()) {
  if (models.encoder) encoded_.emplace(models.encoder);
  reset();
}

void SpeechStage::reset() {
  mel_.reset();
  if (encoded_) encoded_->reset();
  voice_.reset();
  speech_.reset();
  level_.reset();
  const LifeOptions life{options_.head, options_.blink, options_.gaze};
  life_.emplace(options_.seed, avatar_.rest, life);
  mel_passed_ = encoded_passed_ = gain_passed_ = first_level_ = 0;
  levels_.clear();
  samples_ = 0;
  sound_.clear();
}

void SpeechStage::process(AudioBlock block, const Emit<SpokenFrame>& emit) {
  samples_ += block.size();
  const AudioBlock speech = resampler_.process(block);
  sound_.push_back(std::move(block));
  hear(speech, emit);
}

void SpeechStage::hear(const AudioBlock& speech, const Emit<SpokenFrame>& emit) {
  mel_.push(speech.samples);
  if (encoded_) encoded_->push(speech.samples);
  pass_features(emit);
}

void SpeechStage::pass_features(const Emit<SpokenFrame>& emit) {
  SpeechFeatures features;
  features.first_mel = mel_passed_;
  const FrameIndex mel_count = mel_.frames_ready() - mel_passed_;
  features.mel.resize(static_cast<std::size_t>(mel_count) * kMelBands);
  mel_.copy(mel_passed_, mel_count, features.mel.data());
  mel_passed_ += mel_count;
  mel_.drop_before(mel_passed_);
  if (!features.mel.empty()) voice_.push(features.mel);

  if (encoded_) {
    features.first_encoded = encoded_passed_;
    features.encoded = encoded_->take();
    encoded_passed_ += static_cast<FrameIndex>(features.encoded.size()) / kEncodedWidth;
  }

  features.first_gain = gain_passed_;
  const FrameIndex gain_count = voice_.frames_ready() - gain_passed_;
  features.gain.resize(static_cast<std::size_t>(gain_count));
  voice_.copy(gain_passed_, gain_count, features.gain.data());
  gain_passed_ += gain_count;
  voice_.drop_before(gain_passed_);
  for (const float gain : features.gain) levels_.push_back(level_.push(gain));

  speech_.process(features, [&](FaceMotion motion) { complete(std::move(motion), emit); });
  while (levels_.size() > kLevelsKept) {
    levels_.pop_front();
    ++first_level_;
  }
}

void SpeechStage::finish(const Emit<SpokenFrame>& emit) {
  hear(resampler_.finish(), emit);
  mel_.finish();
  if (encoded_) encoded_->finish();
  pass_features(emit);
  voice_.finish();
  pass_features(emit);
  // The picture covers the sound as it was given; its length at 16 kHz may round to another frame.
  const FrameIndex frames = frames_covering(samples_, rate_hz_, options_.fps);
  const SampleIndex end =
      frames == 0 ? 0 : frame_start(frames - 1, kSpeechRateHz, options_.fps) + 1;
  speech_.finish(end, [&](FaceMotion motion) { complete(std::move(motion), emit); });
  if (!sound_.empty()) emit(SpokenFrame{std::nullopt, {}, std::move(sound_)});
  sound_.clear();
}

float SpeechStage::level_at(SampleIndex sample) const {
  if (levels_.empty()) return 0;
  const FrameIndex index = sample / kMelHopSamples - first_level_;
  const auto last = static_cast<FrameIndex>(levels_.size()) - 1;
  return levels_[static_cast<std::size_t>(std::clamp<FrameIndex>(index, 0, last))];
}

void SpeechStage::complete(FaceMotion motion, const Emit<SpokenFrame>& emit) {
  for (std::size_t i = 0; i < motion.offset.size(); ++i) {
    motion.offset[i].x *= speech_share_[i];
    motion.offset[i].y *= speech_share_[i];
    motion.offset[i].z *= speech_share_[i];
  }
  SpokenFrame spoken{std::nullopt, motion.offset, std::move(sound_)};
  sound_.clear();
  add(motion.offset, expression_);
  const SampleIndex sample = frame_start(motion.index, kSpeechRateHz, options_.fps);
  const double time_s = static_cast<double>(motion.index) / options_.fps.value();
  const FaceMotion life = life_->at(motion.index, time_s, level_at(sample));
  add(motion.offset, life.offset);
  motion.head_rotation_rad = life.head_rotation_rad;
  motion.head_shift = life.head_shift;
  motion.blink = life.blink;
  spoken.motion = std::move(motion);
  emit(std::move(spoken));
}

}  // namespace visema::session
