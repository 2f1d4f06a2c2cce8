#include "live_face.h"

#include <algorithm>

#include "speech_stage.h"
#include "visema/core/face_points.h"

namespace visema::session {
namespace {

constexpr double kEaseSeconds = 0.4;
constexpr double kCloseSeconds = 0.12;
constexpr double kReleaseSeconds = 0.1;
// The trace of a sound in the motion: release of the voice activity and of the lips.
constexpr double kTraceSeconds = 0.2;

// A look to the edge: irises in canonical units, the head in radians.
constexpr float kIrisX = 0.03F;
constexpr float kIrisY = 0.015F;
constexpr float kYaw = 0.07F;
constexpr float kPitch = 0.05F;

float smooth(double x) {
  x = std::clamp(x, 0.0, 1.0);
  return static_cast<float>(x * x * (3 - 2 * x));
}

void add(FaceMesh& sum, const FaceMesh& more, float share) {
  for (std::size_t i = 0; i < sum.size(); ++i) {
    sum[i].x += share * more[i].x;
    sum[i].y += share * more[i].y;
    sum[i].z += share * more[i].z;
  }
}

FaceMesh offset_of(Expression expression, double strength, const CanonicalFace& canonical) {
  return expression_offset(landmark_expression(expression), static_cast<float>(strength),
                           canonical);
}

}  // namespace

LiveFace::LiveFace(const CanonicalFace& canonical, Rational fps, int rate_hz, Expression expression,
                   double strength)
    : canonical_(canonical),
      fps_(fps),
      rate_hz_(rate_hz),
      begun_with_(offset_of(expression, strength, canonical)) {}

void LiveFace::process(SpokenFrame spoken, const Emit<SpokenFrame>& emit) {
  if (spoken.motion) {
    const std::lock_guard lock(mutex_);
    const SampleIndex sample = frame_start(spoken.motion->index, rate_hz_, fps_);
    if (asked_) {
      from_ = at(sample);
      to_ = *asked_;
      eases_from_ = sample;
      asked_.reset();
    }
    if (!still_) apply(*spoken.motion, sample);
    if (closing_) close(spoken, sample);
  }
  emit(std::move(spoken));
}

LiveFace::Target LiveFace::at(SampleIndex sample) const {
  const auto elapsed_s = static_cast<double>(sample - eases_from_) / rate_hz_;
  const float share = smooth(elapsed_s / kEaseSeconds);
  Target now = from_;
  for (std::size_t i = 0; i < now.expression.size(); ++i) {
    Point3& p = now.expression[i];
    const Point3& to = to_.expression[i];
    p = {p.x + share * (to.x - p.x), p.y + share * (to.y - p.y), p.z + share * (to.z - p.z)};
  }
  now.look.x += share * (to_.look.x - from_.look.x);
  now.look.y += share * (to_.look.y - from_.look.y);
  return now;
}

void LiveFace::apply(FaceMotion& motion, SampleIndex sample) {
  const Target now = at(sample);
  add(motion.offset, now.expression, 1);
  for (const auto* iris : {&kRightIris, &kLeftIris})
    for (const auto i : *iris) {
      motion.offset[i].x += kIrisX * now.look.x;
      motion.offset[i].y += kIrisY * now.look.y;
    }
  motion.head_rotation_rad[0] += kPitch * now.look.y;
  motion.head_rotation_rad[1] -= kYaw * now.look.x;
}

void LiveFace::close(SpokenFrame& spoken, SampleIndex sample) {
  if (!closing_->begins) {
    closing_->begins = sample - frame_start(1, rate_hz_, fps_);
    closing_->frame = spoken.motion->index;
  }
  speech_share_ = speech_share(sample);
  add(spoken.motion->offset, spoken.speech, speech_share_ - 1);
}

/// Falls from the frame before the first one, rises when what is heard is no longer what was
/// silenced.
float LiveFace::speech_share(SampleIndex sample) const {
  const auto seconds_since = [&](SampleIndex begin) {
    return static_cast<double>(sample - begin) / rate_hz_;
  };
  const float falling =
      closing_->level * (1 - smooth(seconds_since(*closing_->begins) / kCloseSeconds));
  const double since_release = closing_->speech
                                   ? seconds_since(std::max(*closing_->speech, closing_->heard))
                                   : seconds_since(closing_->heard) - kTraceSeconds;
  return std::max(falling, smooth(since_release / kReleaseSeconds));
}

void LiveFace::express(Expression expression, double strength) {
  FaceMesh offset = offset_of(expression, strength, canonical_);
  add(offset, begun_with_, -1);
  const std::lock_guard lock(mutex_);
  asked_ = Target{offset, asked_ ? asked_->look : to_.look};
  still_ = false;
}

void LiveFace::look(double x, double y) {
  const std::lock_guard lock(mutex_);
  const Point2 look{static_cast<float>(std::clamp(x, -1.0, 1.0)),
                    static_cast<float>(std::clamp(y, -1.0, 1.0))};
  asked_ = Target{asked_ ? asked_->expression : to_.expression, look};
  still_ = false;
}

void LiveFace::close_mouth(SampleIndex heard) {
  const std::lock_guard lock(mutex_);
  closing_ = Closing{heard, {}, {}, {}, speech_share_};
}

void LiveFace::speech_begins(SampleIndex sample) {
  const std::lock_guard lock(mutex_);
  if (closing_ && !closing_->speech && sample >= closing_->heard) closing_->speech = sample;
}

std::optional<FrameIndex> LiveFace::closing() const {
  const std::lock_guard lock(mutex_);
  return closing_ ? closing_->frame : std::nullopt;
}

}  // namespace visema::session
