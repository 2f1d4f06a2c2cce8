#include "mouth_inside.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "visema/core/face_points.h"
#include "visema/renderer/mouth_mask.h"

namespace visema {
namespace {

/// Mean gap between the lips, crop pixels (126 are the eyes' outer corners), from which on a
/// reference has an inside, and up to which less and less.
constexpr float kNoGap = 4;
constexpr float kWideGap = 8;
/// Between lips that hardly part it is dark, which the generator knows: gaps of the target from
/// which on, and from which on wholly, teeth show.
constexpr float kSlit = 3;
constexpr float kParted = 8;
/// Lips this many times as far apart as the reference's still show its inside; at one more nothing.
constexpr float kMostStretch = 1.5F;
/// Cosines between the directions of both faces: 10 and 22 degrees.
constexpr float kSameView = 0.985F;
constexpr float kOtherView = 0.927F;

constexpr float kFeather = 2.5F;  // crop pixels inside the lips, from the generator's to ours
constexpr float kInset = 0.5F;    // crop pixels that are kept off the reference's lips
constexpr int kSamples = 3;       // above each other in a pixel
/// Light is compared around the lips, up to this many crop pixels from them.
constexpr float kRing = 8;
constexpr float kLift = 16.0F / 255;  // keeps the gains of dark colours small
constexpr float kMostGain = 1.6F;
constexpr float kTiny = 1e-6F;

/// Where the face looks in its crop, which stands upright by crop_from_picture()'s roll.
std::array<float, 3> facing(const HeadPose& pose) {
  const auto& r = pose.rotation;
  const float length = std::max(std::hypot(r[0], r[3]), 1e-6F);
  const float c = r[0] / length, s = r[3] / length;
  return {c * r[2] + s * r[5], c * r[5] - s * r[2], r[8]};
}

/// Height of a line from left to right at x; beyond its ends that of the end.
template <std::size_t N>
float height_at(const std::array<Point2, N>& line, float x) {
  if (x <= line.front().x) return line.front().y;
  for (std::size_t i = 1; i < N; ++i)
    if (x < line[i].x) {
      const Point2 a = line[i - 1], b = line[i];
      return a.y + (b.y - a.y) * std::clamp((x - a.x) / std::max(b.x - a.x, 1e-3F), 0.0F, 1.0F);
    }
  return line.back().y;
}

/// Gains from the light of the reference, which `planes` hold moved to the target, to that of the
/// generator's picture, r g b, around the lips.
std::array<float, 3> light_gain(std::span<const float> planes, std::span<const float> result) {
  const auto plane = [&](int index) { return planes.subspan(index * kCropPixels, kCropPixels); };
  const auto lips = plane(kOuterLipPlane);
  std::array<float, 3> made{}, reference{}, gain{};
  float count = kTiny;
  for (int i = 0; i < kCropPixels; ++i) {
    if (lips[i] >= 0 || lips[i] * kContourReach <= -kRing) continue;
    ++count;
    const float m = result[3 * kCropPixels + i];
    for (int c = 0; c < 3; ++c) {
      made[c] += m * result[c * kCropPixels + i] + (1 - m) * plane(kRestPlane + c)[i];
      reference[c] += plane(kOpenPlane + c)[i];
    }
  }
  for (int c = 0; c < 3; ++c)
    gain[c] = std::clamp((made[c] / count + kLift) / (reference[c] / count + kLift), 1 / kMostGain,
                         kMostGain);
  return gain;
}

}  // namespace

MouthInside::Lips::Lips(const FacePoints& points) {
  for (int i = 0; i < kSide; ++i) {
    upper[i] = points[kInnerLips[i]];
    lower[i] = points[kInnerLips[(2 * kSide - 2 - i) % (2 * kSide - 2)]];
  }
}

float MouthInside::Lips::gap() const {
  float sum = 0;
  for (int i = 3; i < kSide - 3; ++i) sum += lower[i].y - upper[i].y;
  return sum / (kSide - 6);
}

struct MouthInside::Map {
  float from_centre, to_centre;
  float narrower;   // of the reference's width that is shown
  float upper = 0;  // from the target's to the reference's height at the upper lip,
  float lower = 0;  // and at the lower

  Map(const Lips& target, const Lips& reference)
      : from_centre(target.centre()),
        to_centre(reference.centre()),
        narrower(std::min(1.0F, reference.width() / std::max(target.width(), 1.0F))) {
    constexpr int kPlaces = 9;
    for (int i = 0; i < kPlaces; ++i) {  // the middle six tenths
      const float x =
          target.centre() + target.width() * 0.6F * (static_cast<float>(i) / (kPlaces - 1) - 0.5F);
      upper += (height_at(reference.upper, column(x)) - height_at(target.upper, x)) / kPlaces;
      lower += (height_at(reference.lower, column(x)) - height_at(target.lower, x)) / kPlaces;
    }
  }

  float column(float x) const { return to_centre + (x - from_centre) * narrower; }
};

MouthInside::MouthInside(const Reference& open, const HeadPose& pose)
    : picture_(open.crop), lips_(open.points), gap_(lips_.gap()), facing_(facing(pose)) {}

float MouthInside::share(float wanted, const HeadPose& target_pose) const {
  if (!(gap_ > kNoGap) || !std::isfinite(wanted)) return 0;
  const std::array<float, 3> there = facing(target_pose);
  const float cosine = facing_[0] * there[0] + facing_[1] * there[1] + facing_[2] * there[2];
  const auto ramp = [](float v) { return std::clamp(v, 0.0F, 1.0F); };
  return ramp((gap_ - kNoGap) / (kWideGap - kNoGap)) * ramp((wanted - kSlit) / (kParted - kSlit)) *
         ramp(kMostStretch + 1 - wanted / gap_) *
         ramp((cosine - kOtherView) / (kSameView - kOtherView));
}

/// Mean of the colours (0..255) at kSamples heights of a column of the target.
Vec4 MouthInside::sample(const Map& map, float x, float y, float top, float bottom) const {
  const float column = map.column(x);
  const float highest = height_at(lips_.upper, column) + kInset;
  const float lowest = std::max(height_at(lips_.lower, column) - kInset, highest);
  std::array<Point2, kSamples> places;
  for (int s = 0; s < kSamples; ++s) {
    const float at = y + (static_cast<float>(s) + 0.5F) / kSamples;
    const float t = std::clamp((at - top) / std::max(bottom - top, 1.0F), 0.0F, 1.0F);
    const float down = t * t * (3 - 2 * t);  // smoothstep: both ends are moved, not scaled
    places[s] = {column,
                 std::clamp(at + map.upper + (map.lower - map.upper) * down, highest, lowest)};
  }
  std::array<Vec4, kSamples> samples;
  picture_.bicubic(places, samples.data());
  return std::accumulate(samples.begin(), samples.end(), Vec4{}) * broadcast(1.0F / kSamples);
}

void MouthInside::paint(const FacePoints& target, const HeadPose& target_pose,
                        std::span<const float> planes, std::span<float> result) const {
  const Lips lips(target);
  const float most = share(lips.gap(), target_pose);
  if (!(most > 0)) return;
  const Map map(lips, lips_);
  const std::array<float, 3> gain = light_gain(planes, result);
  const float* inner = &planes[static_cast<std::size_t>(kInnerLipPlane) * kCropPixels];
  for (int y = 0; y < kCropSize; ++y)
    for (int x = 0; x < kCropSize; ++x) {
      const int i = y * kCropSize + x;
      if (inner[i] <= 0) continue;
      const float share = most * std::min(inner[i] * kContourReach / kFeather, 1.0F);
      const float column = static_cast<float>(x) + 0.5F;
      const Vec4 colour = sample(map, column, static_cast<float>(y), height_at(lips.upper, column),
                                 height_at(lips.lower, column));
      for (int c = 0; c < 3; ++c) {
        float& v = result[c * kCropPixels + i];
        const float shown = (colour[c] / 255 + kLift) * gain[c] - kLift;
        v += share * (std::clamp(shown, 0.0F, 1.0F) - v);
      }
    }
}

}  // namespace visema
