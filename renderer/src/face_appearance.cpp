#include "visema/renderer/face_appearance.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <cstdint>
#include <limits>

#include "face_look.h"
#include "visema/core/face_points.h"
#include "visema/renderer/face_crop.h"
#include "visema/renderer/mouth_mask.h"

namespace visema {
namespace {

/// Share of the faces that may show something else at a place, on either side of the usual.
constexpr double kTail = 0.2;
constexpr float kSpreadOfTails =
    1.683F;  // between them in a normal distribution, standard deviations
/// Least spread of luma's logarithm, of red and of blue, on skin and on lips.
constexpr Vec4 kLeastOnSkin = {0.10F, 0.030F, 0.030F, 1};
constexpr Vec4 kLeastOnLips = {0.22F, 0.060F, 0.060F, 1};
constexpr int kSlack = 2;         // texels that edges of the face may stray
constexpr int kEdge = 3;          // texels from what is not seen to what is judged
constexpr int kMeanReach = 2;     // texels to either side of the mean
constexpr float kMostUnlike = 8;  // of one texel
constexpr float kLipsReach = 3;   // texels around the lips that they move over
constexpr float kLipsFarthest = 10;
/// Faces look the same way within 10 degrees; this share of all makes a view well known, and none
/// lets so much more be usual.
constexpr float kSameView = 0.985F;
constexpr float kWellKnown = 0.25F;
constexpr float kMostTolerance = 2;
constexpr float kBetweenLips = 1.5F;
constexpr int kBelowNose = 2;     // mesh point, in the upper middle of what is painted
constexpr int kPaintedReach = 2;  // texels around what is painted that are looked at
/// Shade is more usual than light: darker by so many times as much.
constexpr float kShade = 1.8F;

template <std::size_t N>
std::vector<float> distance_to(const FacePoints& layout, const std::array<std::uint16_t, N>& line) {
  std::array<Point2, N> contour;
  for (std::size_t i = 0; i < N; ++i) contour[i] = layout[line[i]];
  std::vector<float> distance(kAtlasTexels);
  contour_distance(contour, kAtlasSide, 12, distance);
  return distance;
}

/// Texels that are painted, or so near to it that what is there reaches into it.
std::vector<std::uint8_t> painted_texels(const FacePoints& layout) {
  constexpr float kScale = kCropScale / kAtlasScale;
  FacePoints points;
  for (std::size_t i = 0; i < points.size(); ++i)
    points[i] = {kScale * (layout[i].x - layout[kBelowNose].x) + kCropSize / 2.0F,
                 kScale * (layout[i].y - layout[kBelowNose].y) + kCropSize / 5.0F};
  std::vector<float> oval(static_cast<std::size_t>(kCropSize) * kCropSize), mask(oval.size());
  face_oval_distance(points, oval);
  mouth_mask(points, oval, mask);
  Plane texels(kAtlasTexels);
  for (int i = 0; i < kAtlasTexels; ++i) {
    const int column = i % kAtlasSide, row = i / kAtlasSide;
    const float x =
        kScale * (static_cast<float>(column) + 0.5F - layout[kBelowNose].x) + kCropSize / 2.0F;
    const float y =
        kScale * (static_cast<float>(row) + 0.5F - layout[kBelowNose].y) + kCropSize / 5.0F;
    if (x >= 0 && y >= 0 && x < kCropSize && y < kCropSize)
      texels[i][0] = mask[static_cast<int>(y) * kCropSize + static_cast<int>(x)] > 0 ? 1.0F : 0.0F;
  }
  texels = box_mean(texels, kAtlasSide, kPaintedReach);
  std::vector<std::uint8_t> painted(kAtlasTexels);
  for (int i = 0; i < kAtlasTexels; ++i) painted[i] = texels[i][0] > 0 ? 1 : 0;
  return painted;
}

/// What each place of the atlas is.
struct Regions {
  std::vector<float> steady = std::vector<float>(kAtlasTexels);  // weight for the light
  std::vector<std::uint8_t> judged = std::vector<std::uint8_t>(kAtlasTexels);
  std::vector<std::uint8_t> lips = std::vector<std::uint8_t>(kAtlasTexels);
  std::vector<std::uint8_t> near_lips = std::vector<std::uint8_t>(kAtlasTexels);
  std::vector<std::uint8_t> red = std::vector<std::uint8_t>(kAtlasTexels);  // of the lips

  explicit Regions(const FacePoints& layout) {
    const auto outer = distance_to(layout, kOuterLips), inner = distance_to(layout, kInnerLips);
    const auto right = distance_to(layout, kRightEye), left = distance_to(layout, kLeftEye);
    const auto oval = distance_to(layout, kFaceOval);
    const auto painted = painted_texels(layout);
    for (int i = 0; i < kAtlasTexels; ++i) {
      lips[i] = outer[i] > -kLipsReach;
      red[i] = outer[i] > 1.5F && inner[i] < -0.5F;
      near_lips[i] = outer[i] > -kLipsFarthest;
      const bool eye = right[i] > -4 || left[i] > -4;
      steady[i] = oval[i] > 2 && !lips[i] && !eye ? 1.0F : 0.0F;
      const bool between_lips = inner[i] >= -kBetweenLips;
      judged[i] = oval[i] > kEdge && !between_lips && painted[i];
    }
  }
};

struct Tails {
  Vec4 low{}, middle{}, high{};
};

/// Of the seen ones among the looks of a place; fewer than a quarter say nothing.
Tails tails_of(const std::vector<Plane>& looks, int texel, std::vector<float>& scratch) {
  Tails tails;
  for (int c = 0; c < 3; ++c) {
    scratch.clear();
    for (const Plane& look : looks)
      if (look[texel][3] > 0) scratch.push_back(look[texel][c]);
    if (scratch.size() * 4 < looks.size() || scratch.size() < 4) return {};
    std::sort(scratch.begin(), scratch.end());
    const auto at = [&](double part) {
      return scratch[static_cast<std::size_t>(part * static_cast<double>(scratch.size() - 1))];
    };
    tails.low[c] = at(kTail);
    tails.middle[c] = at(0.5);
    tails.high[c] = at(1 - kTail);
  }
  tails.middle[3] = 1;
  return tails;
}

/// What lies at the edge of what is seen may be what is behind the head.
bool is_well_seen(const Plane& look, int texel) {
  const auto seen = [&](int dx, int dy) { return look[texel + dy * kAtlasSide + dx][3] > 0; };
  constexpr int k = kEdge;
  return seen(0, 0) && seen(-k, 0) && seen(k, 0) && seen(0, -k) && seen(0, k);
}

Vec4 lesser(Vec4 a, Vec4 b) {
  return a < b ? a : b;
}
Vec4 greater(Vec4 a, Vec4 b) {
  return a < b ? b : a;
}

/// Length of what lies outside of a range.
float beyond(Vec4 look, Vec4 low, Vec4 high, Vec4 by) {
  Vec4 off = greater(greater(look - high, low - look), Vec4{}) * by;
  if (look[0] < low[0]) off[0] /= kShade;
  return std::sqrt(off[0] * off[0] + off[1] * off[1] + off[2] * off[2]);
}

}  // namespace

struct FaceAppearance::State {
  Regions regions;
  Plane usual = Plane(kAtlasTexels);                            // [3]: 1 where it is known
  Plane low = Plane(kAtlasTexels), high = Plane(kAtlasTexels);  // of the usual, with slack
  Plane spread = Plane(kAtlasTexels);
  Vec4 lips_low{}, lips_high{};
  std::vector<std::array<float, 3>> facing;

  State(const FaceAtlas& atlas, std::span<const FlatFace> faces) : regions(atlas.layout()) {
    std::vector<Plane> looks;
    for (const FlatFace& face : faces) {
      looks.push_back(face_look(face.texels));
      facing.push_back(face.facing);
    }
    std::vector<float> scratch;
    for (int round = 0; round < 2; ++round) {
      for (int i = 0; i < kAtlasTexels; ++i) usual[i] = tails_of(looks, i, scratch).middle;
      for (Plane& look : looks) {
        const FaceLight light = fit_light(look, usual, regions.steady);
        for (int i = 0; i < kAtlasTexels; ++i)
          if (look[i][3] > 0) look[i] -= light.at(i);
      }
    }
    for (int i = 0; i < kAtlasTexels; ++i) {
      const Tails tails = tails_of(looks, i, scratch);
      usual[i] = tails.middle;
      spread[i] = greater((tails.high - tails.low) / broadcast(kSpreadOfTails),
                          regions.lips[i] ? kLeastOnLips : kLeastOnSkin);
    }
    add_slack();
    find_lips();
  }

  /// How much more is usual for a face that looks there.
  float tolerance(const std::array<float, 3>& there) const {
    const auto alike = std::count_if(facing.begin(), facing.end(), [&](const auto& f) {
      return f[0] * there[0] + f[1] * there[1] + f[2] * there[2] > kSameView;
    });
    const float share = static_cast<float>(alike) / static_cast<float>(facing.size());
    return 1 + kMostTolerance * std::clamp(1 - share / kWellKnown, 0.0F, 1.0F);
  }

  /// Lips and tongue reach over the skin around the mouth: their colours are usual there.
  void find_lips() {
    lips_low = broadcast(1e3F), lips_high = broadcast(-1e3F);
    for (int i = 0; i < kAtlasTexels; ++i)
      if (regions.red[i] && usual[i][3] > 0) {
        lips_low = lesser(lips_low, usual[i]);
        lips_high = greater(lips_high, usual[i]);
      }
  }

  /// How far a look is from what is usual at its place, in spreads.
  float off(int texel, Vec4 look, Vec4 strictness) const {
    const Vec4 by = strictness / spread[texel];
    const float here = beyond(look, low[texel], high[texel], by);
    return regions.near_lips[texel] ? std::min(here, beyond(look, lips_low, lips_high, by)) : here;
  }

  void add_slack() {
    for (int y = 0; y < kAtlasSide; ++y)
      for (int x = 0; x < kAtlasSide; ++x) {
        const int i = y * kAtlasSide + x;
        low[i] = high[i] = usual[i];
        if (usual[i][3] == 0) continue;
        for (int v = std::max(0, y - kSlack); v <= std::min(kAtlasSide - 1, y + kSlack); ++v)
          for (int u = std::max(0, x - kSlack); u <= std::min(kAtlasSide - 1, x + kSlack); ++u) {
            const Vec4 other = usual[v * kAtlasSide + u];
            if (other[3] == 0) continue;
            low[i] = lesser(low[i], other);
            high[i] = greater(high[i], other);
          }
      }
  }
};

FaceAppearance::FaceAppearance(const FaceAtlas& atlas, std::span<const FlatFace> faces) {
  assert(faces.size() >= static_cast<std::size_t>(kLeastFaces));
  state_ = std::make_unique<const State>(atlas, faces);
}
FaceAppearance::~FaceAppearance() = default;
FaceAppearance::FaceAppearance(FaceAppearance&&) noexcept = default;
FaceAppearance& FaceAppearance::operator=(FaceAppearance&&) noexcept = default;

std::vector<float> FaceAppearance::unlike(const FlatFace& face) const {
  const State& s = *state_;
  const Plane look = face_look(face.texels);
  const FaceLight light = fit_light(look, s.usual, s.regions.steady);
  const Vec4 strictness = broadcast(1 / s.tolerance(face.facing));
  Plane single(kAtlasTexels);
  for (int i = 0; i < kAtlasTexels; ++i) {
    if (s.usual[i][3] == 0 || !s.regions.judged[i] || !is_well_seen(look, i)) continue;
    single[i] = Vec4{std::min(kMostUnlike, s.off(i, look[i] - light.at(i), strictness)), 1, 0, 0};
  }
  const Plane mean = box_mean(single, kAtlasSide, kMeanReach);
  std::vector<float> result(kAtlasTexels, -1);
  for (int i = 0; i < kAtlasTexels; ++i)
    if (single[i][1] > 0) result[i] = mean[i][0] / mean[i][1];
  return result;
}

}  // namespace visema
