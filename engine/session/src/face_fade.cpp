#include "face_fade.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace visema::session {
namespace {

constexpr double kFadeSeconds = 0.2;
constexpr float kTurned = 45;      // degrees from facing the camera: painted in full up to here
constexpr float kTurnedAway = 60;  // and not at all from here on
constexpr float kHidden = 0.4F;    // of the lips, as above
constexpr float kHiddenAway = 0.6F;

float turn_deg(const HeadPose& pose) {
  return std::acos(std::clamp(pose.rotation[8], -1.0F, 1.0F)) * 180 / std::numbers::pi_v<float>;
}

float wanted(const LandmarkFrame& frame, const FaceCover* cover) {
  if (!frame.face) return 0;
  const float turned = (turn_deg(frame.face->pose) - kTurned) / (kTurnedAway - kTurned);
  const float hidden = cover ? (cover->lips - kHidden) / (kHiddenAway - kHidden) : 0;
  return 1 - std::clamp(std::max(turned, hidden), 0.0F, 1.0F);
}

}  // namespace

FaceFade::FaceFade(const Avatar& avatar, bool around) {
  if (avatar.is_still) {
    strength_.assign(avatar.frames.size(), 1.0F);
    return;
  }
  for (const LandmarkFrame& frame : avatar.frames)
    strength_.push_back(wanted(frame, avatar.cover_at(static_cast<FrameIndex>(strength_.size()))));
  const double frames = kFadeSeconds * static_cast<double>(avatar.fps.num) / avatar.fps.den;
  const auto step = static_cast<float>(1 / std::max(1.0, frames));
  const std::size_t count = strength_.size();
  for (int round = 0; round < (around ? 2 : 1); ++round) {
    if (round > 0) strength_.front() = std::min(strength_.front(), strength_.back() + step);
    for (std::size_t i = 1; i < count; ++i)
      strength_[i] = std::min(strength_[i], strength_[i - 1] + step);
    if (round > 0) strength_.back() = std::min(strength_.back(), strength_.front() + step);
    for (std::size_t i = count; i-- > 1;)
      strength_[i - 1] = std::min(strength_[i - 1], strength_[i] + step);
  }
}

}  // namespace visema::session
