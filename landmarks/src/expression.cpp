#include "visema/landmarks/expression.h"

#include <algorithm>
#include <cmath>
#include <span>
#include <string>

#include "visema/core/error.h"
#include "visema/landmarks/face_regions.h"

namespace visema {
namespace {

constexpr std::array<std::string_view, 5> kNames = {"neutral", "happy", "sad", "angry",
                                                    "surprised"};

enum class Tissue { kSkin, kUpperLid, kLowerLid, kLips };

// A muscle's pull: what lies near `anchor` (on the person's right) moves by `pull`, its mirror
// image by the mirrored pull; Gaussian falloff. Canonical units.
struct Pull {
  std::uint16_t anchor;
  Point3 pull;  // x away from the face's middle, y down, z away from the camera
  float radius;
  Tissue tissue = Tissue::kSkin;
};

constexpr Pull kHappy[] = {
    // AU12 lip corner puller
    {61, {0.050F, -0.058F, 0.020F}, 0.12F, Tissue::kLips},
    {61, {0.040F, -0.048F, 0.012F}, 0.15F},
    {206, {0.015F, -0.020F, -0.005F}, 0.14F},
    // AU6 cheek raiser
    {50, {0.008F, -0.032F, -0.018F}, 0.20F},
    {145, {0.0F, -0.012F, 0.0F}, 0.16F, Tissue::kLowerLid},
    {159, {0.0F, 0.005F, 0.0F}, 0.16F, Tissue::kUpperLid},
};
constexpr Pull kSad[] = {
    // AU1 inner brow raiser
    {107, {-0.006F, -0.040F, 0.0F}, 0.15F},
    {55, {-0.006F, -0.034F, 0.0F}, 0.12F},
    {70, {0.0F, 0.012F, 0.0F}, 0.14F},
    // AU15 lip corner depressor
    {61, {-0.004F, 0.034F, 0.006F}, 0.13F, Tissue::kLips},
    {61, {0.0F, 0.028F, 0.004F}, 0.15F},
    {159, {0.0F, 0.010F, 0.0F}, 0.16F, Tissue::kUpperLid},
};
constexpr Pull kAngry[] = {
    // AU4 brow lowerer
    {55, {-0.020F, 0.036F, -0.008F}, 0.13F},
    {107, {-0.018F, 0.034F, -0.006F}, 0.16F},
    {105, {-0.008F, 0.018F, 0.0F}, 0.14F},
    // AU7 lid tightener
    {145, {0.0F, -0.016F, 0.0F}, 0.16F, Tissue::kLowerLid},
    {159, {0.0F, 0.012F, 0.0F}, 0.16F, Tissue::kUpperLid},
};
constexpr Pull kSurprised[] = {
    // AU1 and AU2 brow raisers
    {107, {0.0F, -0.050F, 0.0F}, 0.17F},
    {105, {0.0F, -0.058F, 0.0F}, 0.18F},
    {63, {0.0F, -0.048F, 0.0F}, 0.16F},
    // AU5 upper lid raiser
    {159, {0.0F, -0.020F, 0.0F}, 0.15F, Tissue::kUpperLid},
    {145, {0.0F, 0.004F, 0.0F}, 0.15F, Tissue::kLowerLid},
};

constexpr float kMiddle = 0.15F;    // half width of the strip that both sides share
constexpr float kLipPress = 0.16F;  // AU24: share of its thickness that a pressed lip loses

std::span<const Pull> pulls_of(Expression expression) {
  switch (expression) {
    case Expression::kHappy:
      return kHappy;
    case Expression::kSad:
      return kSad;
    case Expression::kAngry:
      return kAngry;
    case Expression::kSurprised:
      return kSurprised;
    case Expression::kNeutral:
      break;
  }
  return {};
}

using TissueOf = std::array<Tissue, kMeshPoints>;

TissueOf tissues() {
  TissueOf of{};
  for (const auto* eye : {&kRightEye, &kLeftEye}) {
    for (int i = 1; i < 8; ++i) {
      of[(*eye)[i]] = Tissue::kUpperLid;
      of[(*eye)[16 - i]] = Tissue::kLowerLid;
    }
  }
  for (const int i : kLips) of[i] = Tissue::kLips;
  return of;
}

// Bone, cartilage and eyes that no expression moves.
std::array<bool, kMeshPoints> fixed_points() {
  std::array<bool, kMeshPoints> fixed{};
  for (const auto i : kNose) fixed[i] = true;
  for (const auto i : kRightIris) fixed[i] = true;
  for (const auto i : kLeftIris) fixed[i] = true;
  for (const int i : {33, 133, 362, 263}) fixed[i] = true;
  return fixed;
}

Point3 moved_by(Point3 point, const Pull& pull, Point3 anchor, float side) {
  const float dx = point.x + side * std::abs(anchor.x);
  const float dy = point.y - anchor.y;
  // Each muscle stays on its side; in the middle both count half.
  const float own = std::clamp(0.5F - side * point.x / (2 * kMiddle), 0.0F, 1.0F);
  const float near = own * std::exp(-(dx * dx + dy * dy) / (2 * pull.radius * pull.radius));
  return {-side * pull.pull.x * near, pull.pull.y * near, pull.pull.z * near};
}

void add(Point3& a, Point3 b) {
  a.x += b.x;
  a.y += b.y;
  a.z += b.z;
}

// The skin beside a lid folds under the brow's pull and follows the lid.
void carry_lid_skin(FaceMesh& offset) {
  for (const auto& [eye, skin] :
       {std::pair{&kRightEye, &kRightLidSkin}, std::pair{&kLeftEye, &kLeftLidSkin}}) {
    for (int i = 1; i < 16; ++i) {
      if (i == 8) continue;
      Point3& p = offset[(*skin)[i]];
      p = {0.4F * p.x, 0.4F * p.y + 0.4F * offset[(*eye)[i]].y, 0.4F * p.z};
    }
  }
}

// Both lips of a column move alike, the mean of what the four rings wanted.
void join_lips(FaceMesh& offset) {
  for (int column = 0; column <= 10; ++column) {
    const int below = (20 - column) % 20;
    Point3 mean;
    for (const auto* ring : {&kOuterLips, &kOuterLipRing, &kInnerLipRing, &kInnerLips}) {
      for (const int i : {column, below}) {
        const Point3& p = offset[(*ring)[i]];
        add(mean, {p.x / 8, p.y / 8, p.z / 8});
      }
    }
    for (const auto* ring : {&kOuterLips, &kOuterLipRing, &kInnerLipRing, &kInnerLips}) {
      for (const int i : {column, below}) offset[(*ring)[i]] = mean;
    }
  }
}

void press_lips(FaceMesh& offset, const FaceMesh& shape) {
  for (int i = 0; i < 20; ++i) {
    for (const auto* ring : {&kOuterLips, &kOuterLipRing, &kInnerLipRing}) {
      offset[(*ring)[i]].y += kLipPress * (shape[kInnerLips[i]].y - shape[(*ring)[i]].y);
    }
  }
}

}  // namespace

Expression parse_expression(std::string_view name) {
  const auto found = std::ranges::find(kNames, name);
  if (found == kNames.end()) {
    throw Error(ErrorCode::kUsage, "expression = \"" + std::string(name) +
                                       "\": must be neutral, happy, sad, angry or surprised");
  }
  return static_cast<Expression>(found - kNames.begin());
}

std::string_view to_string(Expression expression) {
  return kNames.at(static_cast<std::size_t>(expression));
}

FaceMesh expression_offset(Expression expression, float strength, const CanonicalFace& face) {
  static const TissueOf kTissueOf = tissues();
  static const auto kFixed = fixed_points();
  const FaceMesh& shape = face.mesh();
  const float gain = std::clamp(strength, 0.0F, kMaxExpressionStrength);

  FaceMesh offset{};
  for (const Pull& pull : pulls_of(expression)) {
    const Point3 anchor = shape[pull.anchor];
    for (int i = 0; i < kMeshPoints; ++i) {
      if (kFixed[i] || kTissueOf[i] != pull.tissue) continue;
      add(offset[i], moved_by(shape[i], pull, anchor, 1));
      add(offset[i], moved_by(shape[i], pull, anchor, -1));
    }
  }
  carry_lid_skin(offset);
  join_lips(offset);
  if (expression == Expression::kAngry) press_lips(offset, shape);
  for (int i = 0; i < kMeshPoints; ++i) {
    offset[i] = {offset[i].x * gain, offset[i].y * gain, offset[i].z * gain};
  }
  return offset;
}

}  // namespace visema
