#include "visema/landmarks/speaking_style.h"

#include <algorithm>
#include <cmath>

#include "visema/landmarks/face_regions.h"
#include "visema/landmarks/rest_face.h"

namespace visema {
namespace {

/// Canonical units: a mouth that the network hardly moves says nothing of a person.
constexpr double kLeastSpread = 0.004;
/// Spread of the real gap over that of the said one, beyond which it is not this face that speaks.
constexpr double kLeastRatio = 0.35, kMostRatio = 3;
constexpr double kLeastArticulation = 0.6, kMostArticulation = 1.6;
/// As many seconds of speech count as much as what is usual.
constexpr double kTrusted = 2;
/// Farthest that a lip is held from where the network holds it, canonical units.
constexpr float kMostPosture = 0.08F;

void add_mesh(FaceMesh& sum, const FaceMesh& more, float gain) {
  for (std::size_t i = 0; i < sum.size(); ++i) {
    sum[i].x += gain * more[i].x;
    sum[i].y += gain * more[i].y;
    sum[i].z += gain * more[i].z;
  }
}

FaceMesh scaled(const FaceMesh& mesh, double gain) {
  FaceMesh out{};
  add_mesh(out, mesh, static_cast<float>(gain));
  return out;
}

}  // namespace

void SpeakingStyleFit::Gap::add(double gap) {
  sum += gap;
  squares += gap * gap;
}

double SpeakingStyleFit::Gap::spread(double n) const {
  return std::sqrt(std::max(0.0, squares / n - mean(n) * mean(n)));
}

SpeakingStyleFit::SpeakingStyleFit(const BasisPart& lower) : lower_(lower) {}

void SpeakingStyleFit::add(const FaceMesh& said, const FaceMesh& real, double seconds) {
  seconds_ += seconds;
  ++frames_;
  said_gap_.add(inner_lip_gap(said));
  real_gap_.add(inner_lip_gap(real));
  add_mesh(said_, said, 1);
  add_mesh(real_, real, 1);
}

std::optional<SpeakingStyle> SpeakingStyleFit::result() const {
  if (seconds_ < kLeastSeconds) return std::nullopt;
  const double said = said_gap_.spread(frames_);
  const double real = real_gap_.spread(frames_);
  if (said < kLeastSpread || real < kLeastRatio * said || real > kMostRatio * said)
    return std::nullopt;
  // The mean opening tells how far a mouth opens too, and errs in another way.
  const double opening =
      std::clamp(real_gap_.mean(frames_) / std::max(said_gap_.mean(frames_), kLeastSpread),
                 kLeastRatio, kMostRatio);
  const double trust = seconds_ / (seconds_ + kTrusted);
  const double ratio =
      std::clamp(std::sqrt(real / said * opening), kLeastArticulation, kMostArticulation);
  SpeakingStyle style;
  style.articulation = static_cast<float>(std::pow(ratio, trust));

  const FaceMesh mean_said = scaled(said_, 1 / frames_);
  FaceMesh posture = scaled(real_, trust / frames_);
  add_mesh(posture, mean_said, static_cast<float>(-trust * style.articulation));
  const float said_gap = inner_lip_gap(mean_said);
  if (said_gap > static_cast<float>(kLeastSpread))
    add_mesh(posture, mean_said, -inner_lip_gap(posture) / said_gap);
  const float farthest = farthest_lip(posture);
  if (farthest > kMostPosture) posture = scaled(posture, kMostPosture / farthest);
  style.posture.resize(static_cast<std::size_t>(lower_.count));
  project(lower_, posture, style.posture);
  return style;
}

}  // namespace visema
