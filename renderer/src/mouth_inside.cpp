#include "mouth_inside.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

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
constexpr float kMostStretch = 2;
/// Cosines between the directions of both faces: 10 and 22 degrees.
constexpr float kSameView = 0.985F;
constexpr float kOtherView = 0.927F;

constexpr float kFeather = 2.5F;  // crop pixels inside the lips, from the generator's to ours
constexpr float kInset = 0.5F;    // crop pixels that are kept off the reference's lips
constexpr int kSamples = 3;       // above each other in a pixel
constexpr float kNeighbour = 2;   // crop pixels from the lips, where places are still asked for
/// Light is compared around the lips, up to this many crop pixels from them.
constexpr float kRing = 8;
constexpr float kLift = 16.0F / 255;  // keeps the gains of dark colours small
constexpr float kMostGain = 1.6F;
constexpr float kTiny = 1e-6F;

/// Lips this many times as far apart as a reference's are rather those of a wider one, and wholly
/// at kHandOver more.
constexpr float kWider = 1.1F;
constexpr float kHandOver = 0.25F;
/// Colours of the dark in an open mouth as shares of the skin's around it: medians of 492 pictures
/// of the training data.
constexpr std::array<float, 3> kCavity = {0.42F, 0.22F, 0.20F};
constexpr float kDeep = 6;  // crop pixels that rows of teeth part until it is that dark
constexpr float kEdge = 3;  // crop pixels from teeth to dark
/// Of a mouth that nobody has seen open: shares of the way from the upper to the lower lip where
/// teeth end and where the dark begins, and how dark it gets.
constexpr float kTeethEnd = 0.25F, kDarkFrom = 0.65F, kUnknownDark = 0.8F;

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

/// Calls with the index of every crop pixel around the lips. `outer`: outer_lip_distance(), pixels.
template <class Visit>
void around_lips(std::span<const float> outer, float unit, const Visit& visit) {
  for (int i = 0; i < kCropPixels; ++i)
    if (outer[i] < 0 && outer[i] * unit > -kRing) visit(i);
}

std::array<float, 3> skin_around(const Reference& reference) {
  std::vector<float> outer(kCropPixels);
  outer_lip_distance(reference.points, outer);
  std::array<float, 3> sum{};
  float count = kTiny;
  around_lips(outer, 1, [&](int i) {
    ++count;
    for (int c = 0; c < 3; ++c) sum[c] += reference.crop.rgb[static_cast<std::size_t>(i) * 3 + c];
  });
  for (float& v : sum) v /= count;
  return sum;
}

}  // namespace

MouthInside::Lips::Lips(const FacePoints& points) {
  for (int i = 0; i < kSide; ++i) {
    upper[i] = points[kInnerLips[i]];
    lower[i] = points[kInnerLips[(2 * kSide - 2 - i) % (2 * kSide - 2)]];
  }
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

  /// How much farther the target's lips part than the reference's.
  float stretch() const { return upper - lower; }
  float column(float x) const { return to_centre + (x - from_centre) * narrower; }
  /// Share of the dark between rows of teeth that have parted, `below` the edge of the upper ones.
  float dark_at(float below) const {
    const float inside = std::min(below, stretch() - below);
    return std::clamp(stretch() / kDeep, 0.0F, 1.0F) *
           std::clamp(inside / kEdge + 0.5F, 0.0F, 1.0F);
  }
};

MouthInside::MouthInside(const Reference& open, const HeadPose& pose)
    : picture_(open.crop),
      lips_(open.points),
      gap_(mean_lip_gap(open.points)),
      split_(find_split()),
      skin_(skin_around(open)),
      facing_(facing(pose)) {}

/// Between rows of teeth it is darkest. Where nothing is dark but the upper lip's shadow, all that
/// is seen are upper teeth.
float MouthInside::find_split() const {
  constexpr int kRows = 32, kColumns = 16;
  constexpr float kShadow = 0.4F;  // share of the way down that may be in it
  constexpr float kDark = 0.75F;   // of the brightest
  float split = 1, least = std::numeric_limits<float>::max(), most = 0;
  for (int row = 0; row < kRows; ++row) {
    const float down = (static_cast<float>(row) + 0.5F) / kRows;
    std::array<Point2, kColumns> places;
    for (int k = 0; k < kColumns; ++k) {  // the middle half
      const float x = lips_.centre() +
                      lips_.width() * 0.5F * ((static_cast<float>(k) + 0.5F) / kColumns - 0.5F);
      const float top = height_at(lips_.upper, x);
      places[k] = {x, top + down * (height_at(lips_.lower, x) - top)};
    }
    std::array<Vec4, kColumns> colours;
    picture_.bicubic(places, colours.data());
    float sum = 0;
    for (const Vec4& colour : colours) sum += colour[0] + colour[1] + colour[2];
    most = std::max(most, sum);
    if (down < kShadow || sum >= least) continue;
    least = sum;
    split = down;
  }
  return least < kDark * most ? split : 1;
}

float MouthInside::share_of(const MouthInside& wider, const FacePoints& target) const {
  if (!(wider.gap_ > kWider * gap_)) return 0;
  return std::clamp((mean_lip_gap(target) / std::max(gap_, kNoGap) - kWider) / kHandOver, 0.0F,
                    1.0F);
}

MouthInside::Light MouthInside::light(std::span<const float> planes,
                                      std::span<const float> result) {
  const auto plane = [&](int index) {
    return planes.subspan(static_cast<std::size_t>(index) * kCropPixels, kCropPixels);
  };
  std::array<float, 3> made{}, reference{};
  float count = kTiny;
  around_lips(plane(kOuterLipPlane), kContourReach, [&](int i) {
    ++count;
    const float m = result[3 * kCropPixels + i];
    for (int c = 0; c < 3; ++c) {
      made[c] += m * result[c * kCropPixels + i] + (1 - m) * plane(kRestPlane + c)[i];
      reference[c] += plane(kOpenPlane + c)[i];
    }
  });
  Light light{};
  for (int c = 0; c < 3; ++c) light[c] = (made[c] / count + kLift) / (reference[c] / count + kLift);
  return light;
}

MouthInside::Light MouthInside::light_like(const MouthInside& other, const Light& light) const {
  Light own{};
  for (int c = 0; c < 3; ++c)
    own[c] = light[c] * (other.skin_[c] / 255 + kLift) / (skin_[c] / 255 + kLift);
  return own;
}

float MouthInside::share(float wanted, const HeadPose& target_pose) const {
  if (!(gap_ > kNoGap) || !std::isfinite(wanted)) return 0;
  const std::array<float, 3> there = facing(target_pose);
  const float cosine = facing_[0] * there[0] + facing_[1] * there[1] + facing_[2] * there[2];
  const auto ramp = [](float v) { return std::clamp(v, 0.0F, 1.0F); };
  return ramp((gap_ - kNoGap) / (kWideGap - kNoGap)) * ramp((wanted - kSlit) / (kParted - kSlit)) *
         ramp(kMostStretch + 1 - wanted / gap_) *
         ramp((cosine - kOtherView) / (kSameView - kOtherView));
}

/// A column of the target and where in the picture it comes from.
struct MouthInside::Column {
  float x;                // in the picture
  float top, bottom;      // the target's lips
  float highest, lowest;  // what may be shown
  float split;            // between the rows of teeth

  Column(const MouthInside& inside, const Map& map, const Lips& target, float at)
      : x(map.column(at)), top(height_at(target.upper, at)), bottom(height_at(target.lower, at)) {
    const float upper = height_at(inside.lips_.upper, x);
    const float lower = height_at(inside.lips_.lower, x);
    highest = upper + kInset;
    lowest = std::max(lower - kInset, highest);
    split = std::clamp(upper + inside.split_ * (lower - upper), highest, lowest);
  }

  /// Height in the picture of what is shown at a height of the target.
  float row(const Map& map, float at) const {
    const float teeth = at + map.upper;
    float row = at + map.lower;
    if (map.stretch() > 0) {
      row = std::max(std::min(teeth, split), row);
    } else {  // smoothstep: both ends are moved, not scaled
      const float t = std::clamp((at - top) / std::max(bottom - top, 1.0F), 0.0F, 1.0F);
      row = teeth - map.stretch() * t * t * (3 - 2 * t);
    }
    return std::clamp(row, highest, lowest);
  }
};

/// Mean of the colours (0..255) at kSamples heights of a column of the target.
Vec4 MouthInside::sample(const Map& map, const Column& column, float y) const {
  std::array<Point2, kSamples> places;
  std::array<float, kSamples> rows{};  // of the upper teeth
  for (int s = 0; s < kSamples; ++s) {
    const float at = y + (static_cast<float>(s) + 0.5F) / kSamples;
    rows[s] = at + map.upper;
    places[s] = {column.x, column.row(map, at)};
  }
  std::array<Vec4, kSamples> samples;
  picture_.bicubic(places, samples.data());
  if (map.stretch() > 0) darken(map, column.split, rows, samples);
  return std::accumulate(samples.begin(), samples.end(), Vec4{}) * broadcast(1.0F / kSamples);
}

/// The dark between rows of teeth that part farther than in the picture. `rows`: where the samples
/// would be if they went with the upper teeth.
void MouthInside::darken(const Map& map, float split, std::span<const float> rows,
                         std::span<Vec4> samples) const {
  for (std::size_t s = 0; s < samples.size(); ++s) {
    const float share = map.dark_at(rows[s] - split);
    for (int c = 0; c < 3; ++c) {
      const float shown = samples[s][c];
      samples[s][c] += share * (std::min(shown, kCavity[c] * skin_[c]) - shown);
    }
  }
}

void MouthInside::darken_unknown(const FacePoints& target, std::span<const float> inner_lips,
                                 const Light& light, std::span<float> result) const {
  const auto ramp = [](float v) { return std::clamp(v, 0.0F, 1.0F); };
  const Lips lips(target);
  const float most = kUnknownDark * (1 - ramp((gap_ - kNoGap) / (kWideGap - kNoGap))) *
                     ramp((mean_lip_gap(target) - kSlit) / (kParted - kSlit));
  if (!(most > 0)) return;
  std::array<float, 3> dark{};
  for (int c = 0; c < 3; ++c)
    dark[c] = kCavity[c] * skin_[c] / 255 * std::clamp(light[c], 1 / kMostGain, kMostGain);
  for (int i = 0; i < kCropPixels; ++i) {
    if (inner_lips[i] <= 0) continue;
    const int row = i / kCropSize;
    const float x = static_cast<float>(i - row * kCropSize) + 0.5F;
    const float y = static_cast<float>(row) + 0.5F;
    const float top = height_at(lips.upper, x);
    const float down = (y - top) / std::max(height_at(lips.lower, x) - top, 1.0F);
    const float t = ramp((down - kTeethEnd) / (kDarkFrom - kTeethEnd));
    const float share =
        most * t * t * (3 - 2 * t) * std::min(inner_lips[i] * kContourReach / kFeather, 1.0F);
    for (int c = 0; c < 3; ++c) {
      float& v = result[c * kCropPixels + i];
      v += share * (std::min(v, dark[c]) - v);
    }
  }
}

void MouthInside::paint(const FacePoints& target, const HeadPose& target_pose,
                        std::span<const float> inner_lips, const Light& light,
                        std::span<float> result, float most) const {
  const Lips lips(target);
  most *= share(mean_lip_gap(target), target_pose);
  if (!(most > 0)) return;
  const Map map(lips, lips_);
  Light gain = light;
  for (float& v : gain) v = std::clamp(v, 1 / kMostGain, kMostGain);
  for (int y = 0; y < kCropSize; ++y)
    for (int x = 0; x < kCropSize; ++x) {
      const int i = y * kCropSize + x;
      if (inner_lips[i] <= 0) continue;
      const float share = most * std::min(inner_lips[i] * kContourReach / kFeather, 1.0F);
      const Column column(*this, map, lips, static_cast<float>(x) + 0.5F);
      const Vec4 colour = sample(map, column, static_cast<float>(y));
      for (int c = 0; c < 3; ++c) {
        float& v = result[c * kCropPixels + i];
        const float shown = (colour[c] / 255 + kLift) * gain[c] - kLift;
        v += share * (std::clamp(shown, 0.0F, 1.0F) - v);
      }
    }
}

bool MouthInside::places(const FacePoints& target, const HeadPose& target_pose,
                         std::span<const float> inner_lips, std::span<Vec4> out, float most) const {
  const Lips lips(target);
  most *= share(mean_lip_gap(target), target_pose);
  if (!(most > 0)) return false;
  const Map map(lips, lips_);
  for (int i = 0; i < kCropPixels; ++i) {
    const float depth = inner_lips[i] * kContourReach;
    if (depth <= -kNeighbour) continue;
    const int y = i / kCropSize;
    const Column column(*this, map, lips, static_cast<float>(i - y * kCropSize) + 0.5F);
    const float at = static_cast<float>(y) + 0.5F;
    float share = most * std::clamp(depth / kFeather, 0.0F, 1.0F);
    if (map.stretch() > 0) share *= 1 - map.dark_at(at + map.upper - column.split);
    out[i] = Vec4{column.x, column.row(map, at), share, 0};
  }
  return true;
}

}  // namespace visema
