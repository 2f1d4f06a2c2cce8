#include "visema/landmarks/speech_to_landmarks.h"

#include <algorithm>
#include <string>

#include "likely_face.h"
#include "visema/core/error.h"

namespace visema {
namespace {

constexpr std::int64_t kRateHz = 16000;
// The mouth begins to move 100 ms before speech is heard and rests 50 ms after the voice activity's
// own release has ended.
constexpr SampleIndex kGainAhead = 1600;
constexpr SampleIndex kGainFull = 320;  // before speech by less than this: no easing any more
constexpr SampleIndex kGainBehind = 800;

float smooth_step(float x) {
  x = std::clamp(x, 0.0F, 1.0F);
  return x * x * (3 - 2 * x);
}

/// How much speech that is `away` samples after the moment (negative: before) holds the mouth open.
float reach(SampleIndex away) {
  if (away <= 0) return 1 - smooth_step(static_cast<float>(-away) / kGainBehind);
  return 1 - smooth_step(static_cast<float>(away - kGainFull) / (kGainAhead - kGainFull));
}

FrameIndex floor_divide(SampleIndex a, SampleIndex b) {
  return a >= 0 ? a / b : -((-a + b - 1) / b);
}

}  // namespace

void SpeechToLandmarks::Track::append(FrameIndex at, std::span<const float> more,
                                      const char* what) {
  if (more.empty()) return;
  if (at != end() || more.size() % width != 0)
    throw Error(ErrorCode::kInternal, std::string(what) + " frames from " + std::to_string(at) +
                                          ", " + std::to_string(more.size()) +
                                          " values: must continue at " + std::to_string(end()) +
                                          " in rows of " + std::to_string(width));
  values.insert(values.end(), more.begin(), more.end());
}

void SpeechToLandmarks::Track::drop_before(FrameIndex index) {
  const FrameIndex count = std::min(index, end()) - first;
  if (count <= 0) return;
  values.erase(values.begin(), values.begin() + count * static_cast<FrameIndex>(width));
  first += count;
}

SpeechToLandmarks::SpeechToLandmarks(std::shared_ptr<const SpeechNetwork> network, Rational fps,
                                     const FaceMesh& rest, std::span<const FaceMesh> faces,
                                     float articulation, const SpeakingStyle& style)
    : network_(std::move(network)),
      likely_(std::make_unique<LikelyFace>(network_->basis().lower)),
      fps_(fps),
      articulation_(articulation),
      style_articulation_(style.articulation),
      posture_(style.posture) {
  if (fps_.num <= 0 || fps_.den <= 0)
    throw Error(ErrorCode::kUsage, "fps = " + to_string(fps_) + ": must be positive");
  if (!(articulation_ >= 0 && articulation_ <= kMostArticulation))
    throw Error(ErrorCode::kUsage, "articulation = " + std::to_string(articulation_) +
                                       ": must be in 0.." + std::to_string(kMostArticulation));
  mel_.width = kSpeechBands;
  encoded_.width = static_cast<std::size_t>(network_->encoded_width());
  const BasisPart& lower = network_->basis().lower;
  const auto count = static_cast<std::size_t>(lower.count);
  if (!posture_.empty() && posture_.size() != count)
    throw Error(ErrorCode::kInternal, "posture of " + std::to_string(posture_.size()) +
                                          " coefficients: must have " + std::to_string(count));
  const std::size_t given = std::min<std::size_t>(faces.size(), kSpeechReferences);
  references_.assign(std::max<std::size_t>(given, 1) * count, 0.0F);
  for (std::size_t r = 0; r < given; ++r) {
    FaceMesh offset = faces[r];
    for (int i = 0; i < kMeshPoints; ++i) {
      offset[i].x -= rest[i].x;
      offset[i].y -= rest[i].y;
      offset[i].z -= rest[i].z;
    }
    project(lower, offset, std::span(references_).subspan(r * count, count));
  }
}

SpeechToLandmarks::~SpeechToLandmarks() = default;
SpeechToLandmarks::SpeechToLandmarks(SpeechToLandmarks&&) noexcept = default;
SpeechToLandmarks& SpeechToLandmarks::operator=(SpeechToLandmarks&&) noexcept = default;

SampleIndex SpeechToLandmarks::start_of_next() const {
  return frame_start(next_, kRateHz, fps_);
}

void SpeechToLandmarks::process(const SpeechFeatures& features, const Emit& emit) {
  mel_.append(features.first_mel, features.mel, "mel");
  encoded_.append(features.first_encoded, features.encoded, "encoded");
  gain_.append(features.first_gain, features.gain, "gain");
  while (last_mel_frame(start_of_next()) < mel_.end() &&
         (encoded_.width == 0 || last_mel_frame(start_of_next()) < encoded_.end()) &&
         floor_divide(start_of_next() + kGainAhead, kSpeechMelHop) < gain_.end())
    emit_next(emit);
  drop_old();
}

void SpeechToLandmarks::finish(SampleIndex samples, const Emit& emit) {
  const FrameIndex frames = frames_covering(samples, kRateHz, fps_);
  while (next_ < frames) {
    emit_next(emit);
    drop_old();
  }
}

void SpeechToLandmarks::reset() {
  mel_.first = encoded_.first = gain_.first = next_ = 0;
  mel_.values.clear();
  encoded_.values.clear();
  gain_.values.clear();
}

float SpeechToLandmarks::gain_around(SampleIndex sample) const {
  const FrameIndex begin = std::max(gain_.first, floor_divide(sample - kGainBehind, kSpeechMelHop));
  const FrameIndex end =
      std::min(gain_.end(), floor_divide(sample + kGainAhead, kSpeechMelHop) + 1);
  float most = 0;
  for (FrameIndex k = begin; k < end; ++k)
    most = std::max(most, gain_.values[k - gain_.first] * reach(k * kSpeechMelHop - sample));
  return most;
}

std::vector<float> SpeechToLandmarks::window(const Track& track, FrameIndex last, float outside) {
  std::vector<float> rows(kSpeechWindowFrames * track.width, outside);
  if (track.width == 0) return rows;
  const FrameIndex begin = last - kSpeechWindowFrames + 1;
  const FrameIndex from = std::max(begin, track.first);
  const FrameIndex to = std::min(last + 1, track.end());
  const auto width = static_cast<FrameIndex>(track.width);
  if (from < to)
    std::copy_n(track.values.begin() + (from - track.first) * width, (to - from) * width,
                rows.begin() + (from - begin) * width);
  return rows;
}

void SpeechToLandmarks::emit_next(const Emit& emit) {
  const SampleIndex sample = start_of_next();
  const FrameIndex last = last_mel_frame(sample);
  const float last_offset_s = static_cast<float>(last * kSpeechMelHop - sample) / kRateHz;
  SpeechCoefficients said = network_->predict(
      window(mel_, last, kSpeechMelSilence), window(encoded_, last, 0), last_offset_s, references_);
  likely_->apply(said.lower);

  FaceMotion motion;
  motion.index = next_;
  const float gain = gain_around(sample);
  add_offset(network_->basis().lower, said.lower,
             articulation_ * kNaturalArticulation * style_articulation_ * gain, motion.offset);
  if (!posture_.empty())
    add_offset(network_->basis().lower, posture_, std::min(articulation_, 1.0F) * gain,
               motion.offset);
  add_offset(network_->basis().upper, said.upper, 1, motion.offset);
  ++next_;
  emit(std::move(motion));
}

void SpeechToLandmarks::drop_old() {
  const SampleIndex sample = start_of_next();
  mel_.drop_before(last_mel_frame(sample) - kSpeechWindowFrames + 1);
  if (encoded_.width > 0) encoded_.drop_before(last_mel_frame(sample) - kSpeechWindowFrames + 1);
  gain_.drop_before(floor_divide(sample - kGainBehind, kSpeechMelHop));
}

}  // namespace visema
