#include "visema/landmarks/life_motion.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "life_events.h"
#include "random_field.h"
#include "visema/landmarks/face_regions.h"

namespace visema {
namespace {

enum Channel : std::uint32_t { kPitch = 1, kYaw = 3, kRoll = 5, kNod = 7, kSway = 8, kHeave = 9 };

constexpr double kDegree = std::numbers::pi / 180;
constexpr double kFadeIn = 0.5;  // seconds

double smoothstep(double from, double to, double x) {
  const double t = std::clamp((x - from) / (to - from), 0.0, 1.0);
  return t * t * (3 - 2 * t);
}

// Slow sway of deviation 1 that leaves from where it is at time 0.
double sway(const RandomField& random, std::uint32_t channel, double time_s) {
  const auto value = [&](double t) {
    return 0.85 * random.smooth(channel, t, 1.9) + 0.53 * random.smooth(channel + 1, t, 1.1);
  };
  return value(time_s) - value(0) * (1 - smoothstep(0, 4, time_s));
}

void move(Point3& p, const Point3& from, const Point3& to, float share) {
  p.x += (to.x - from.x) * share;
  p.y += (to.y - from.y) * share;
  p.z += (to.z - from.z) * share;
}

void close_eye(FaceMesh& offset, const FaceMesh& rest, const std::array<std::uint16_t, 16>& eye,
               const std::array<std::uint16_t, 16>& skin, float closure) {
  constexpr float kLowerShare = 0.12F;  // of the opening that the lower lid closes
  for (int i = 1; i < 8; ++i) {
    const Point3& above = rest[eye[i]];
    const Point3& below = rest[eye[16 - i]];
    if (below.y <= above.y) continue;
    const float upper = closure * (1 - kLowerShare);
    const float lower = closure * kLowerShare;
    move(offset[eye[i]], above, below, upper);
    move(offset[eye[16 - i]], below, above, lower);
    move(offset[skin[i]], above, below, 0.45F * upper);
    move(offset[skin[16 - i]], below, above, 0.5F * lower);
  }
}

}  // namespace

FaceMesh blink_offset(const FaceMesh& rest, float closure) {
  FaceMesh offset{};
  const float share = std::clamp(closure, 0.0F, 1.0F);
  close_eye(offset, rest, kRightEye, kRightLidSkin, share);
  close_eye(offset, rest, kLeftEye, kLeftLidSkin, share);
  return offset;
}

struct LifeMotion::State {
  RandomField random;
  FaceMesh rest;
  LifeOptions options;
  BlinkTrain blinks;
  GazeTrain gazes;
};

LifeMotion::LifeMotion(std::uint64_t seed, const FaceMesh& rest, LifeOptions options)
    : state_(std::make_unique<State>(State{RandomField(seed), rest, options,
                                           BlinkTrain(RandomField(seed)),
                                           GazeTrain(RandomField(seed))})) {}

LifeMotion::~LifeMotion() = default;
LifeMotion::LifeMotion(LifeMotion&&) noexcept = default;
LifeMotion& LifeMotion::operator=(LifeMotion&&) noexcept = default;

FaceMotion LifeMotion::at(FrameIndex index, double time_s, float speech_level) {
  FaceMotion motion;
  motion.index = index;
  if (!(time_s > 0)) return motion;
  const double fade = smoothstep(0, kFadeIn, time_s);
  const RandomField& random = state_->random;
  if (state_->options.head) {
    // Deviations are half of the peaks; speech moves the head more and makes it nod.
    const double level = std::clamp(speech_level, 0.0F, 1.0F);
    const double gain = fade * (0.8 + 0.2 * level);
    const double nod = fade * level * 0.5 * random.smooth(kNod, time_s, 0.45);
    motion.head_rotation_rad = {
        static_cast<float>(kDegree * (gain * 0.75 * sway(random, kPitch, time_s) + nod)),
        static_cast<float>(kDegree * gain * 1.0 * sway(random, kYaw, time_s)),
        static_cast<float>(kDegree * gain * 0.5 * sway(random, kRoll, time_s))};
    const double breath = std::sin(2 * std::numbers::pi * 0.23 * time_s);
    motion.head_shift = {
        static_cast<float>(fade * 0.004 * random.smooth(kSway, time_s, 2.5)),
        static_cast<float>(fade * (0.003 * breath + 0.003 * random.smooth(kHeave, time_s, 2.5)))};
  }
  if (state_->options.blink) {
    motion.blink = state_->blinks.closure(time_s);
    if (motion.blink > 0) motion.offset = blink_offset(state_->rest, motion.blink);
  }
  if (state_->options.gaze) {
    const Point2 shift = state_->gazes.shift(time_s);
    const auto share = static_cast<float>(fade);
    for (const auto* iris : {&kRightIris, &kLeftIris}) {
      for (const auto i : *iris) motion.offset[i] = {share * shift.x, share * shift.y, 0};
    }
  }
  return motion;
}

SpeechLevel::SpeechLevel(double step_s) : keep_(std::exp(-step_s / 0.2)) {}

float SpeechLevel::push(float activity) {
  first_ = keep_ * first_ + (1 - keep_) * std::clamp(activity, 0.0F, 1.0F);
  second_ = keep_ * second_ + (1 - keep_) * first_;
  return level();
}

}  // namespace visema
