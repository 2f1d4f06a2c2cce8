#include "visema/landmarks/slow_expression.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "visema/landmarks/rest_face.h"

namespace visema {
namespace {

constexpr double kReach = 2;  // seconds
/// Farthest that a lip is moved, canonical units: beyond it the tracker errs.
constexpr float kMost = 0.08F;

double window(double seconds) {
  if (std::abs(seconds) >= kReach) return 0;
  return 0.5 + 0.5 * std::cos(std::numbers::pi * seconds / kReach);  // Hann
}

void subtract(std::span<float> from, std::span<const float> what, float gain) {
  for (std::size_t k = 0; k < from.size(); ++k) from[k] -= gain * what[k];
}

/// The likeliest coefficients of a face whose lips stand apart by 1: those of the training data are
/// taken as normal and independent.
std::vector<float> opening(const BasisPart& lower, std::vector<float>& gaps) {
  const auto count = static_cast<std::size_t>(lower.count);
  std::vector<float> out(count), one(count, 0.0F);
  gaps.resize(count);
  double norm = 0;
  for (std::size_t k = 0; k < count; ++k) {
    one[k] = 1;
    FaceMesh row{};
    add_offset(lower, one, 1, row);
    one[k] = 0;
    gaps[k] = inner_lip_gap(row);
    out[k] = lower.deviation[k] * lower.deviation[k] * gaps[k];
    norm += double{out[k]} * gaps[k];
  }
  if (norm > 0)
    for (float& value : out) value = static_cast<float>(value / norm);
  return out;
}

}  // namespace

SlowExpression::SlowExpression(std::span<const LandmarkFrame> frames, const FaceMesh& rest,
                               const RegionWeights& weight, const BasisPart& lower)
    : lower_(lower), count_(static_cast<std::size_t>(lower.count)) {
  std::vector<float> own(frames.size() * count_);
  for (std::size_t f = 0; f < frames.size(); ++f) {
    if (!frames[f].face) continue;
    project(lower_, offset_from_rest(*frames[f].face, rest, weight),
            std::span(own).subspan(f * count_, count_));
  }
  smooth(frames, own);
  keep_lips_closed();
}

void SlowExpression::smooth(std::span<const LandmarkFrame> frames, std::span<const float> own) {
  slow_.assign(own.size(), 0.0F);
  // As an avatar file keeps times, so that it gives the very pictures of its source.
  const auto time = [&](std::size_t f) { return static_cast<float>(frames[f].time_s); };
  std::vector<float> mean(count_, 0.0F);
  float faces = 0;
  std::size_t begin = 0;
  for (std::size_t f = 0; f < frames.size(); ++f) {
    const double now = time(f);
    while (time(begin) <= now - kReach) ++begin;
    const auto slow = std::span(slow_).subspan(f * count_, count_);
    double sum = 0;
    for (std::size_t g = begin; g < frames.size() && time(g) < now + kReach; ++g) {
      if (!frames[g].face) continue;
      const double w = window(time(g) - now);
      subtract(slow, own.subspan(g * count_, count_), -static_cast<float>(w));
      sum += w;
    }
    if (sum > 0)
      for (float& value : slow) value = static_cast<float>(value / sum);
    if (!frames[f].face) continue;
    subtract(mean, slow, -1);
    ++faces;
  }
  for (std::size_t f = 0; f < frames.size() && faces > 0; ++f)
    subtract(std::span(slow_).subspan(f * count_, count_), mean, 1 / faces);
}

void SlowExpression::keep_lips_closed() {
  std::vector<float> gaps;
  const std::vector<float> open = opening(lower_, gaps);
  for (std::size_t at = 0; at < slow_.size(); at += count_) {
    const auto slow = std::span(slow_).subspan(at, count_);
    float gap = 0;
    for (std::size_t k = 0; k < count_; ++k) gap += slow[k] * gaps[k];
    subtract(slow, open, gap);
    FaceMesh offset{};
    add_offset(lower_, slow, 1, offset);
    const float farthest = farthest_lip(offset);
    if (farthest > kMost)
      for (float& value : slow) value *= kMost / farthest;
  }
}

FaceMesh SlowExpression::at(FrameIndex frame) const {
  FaceMesh offset{};
  const auto frames = static_cast<FrameIndex>(slow_.size() / std::max<std::size_t>(count_, 1));
  if (frame < 0 || frame >= frames) return offset;
  add_offset(lower_, std::span(slow_).subspan(static_cast<std::size_t>(frame) * count_, count_), 1,
             offset);
  return offset;
}

}  // namespace visema
