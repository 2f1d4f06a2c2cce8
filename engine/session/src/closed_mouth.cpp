#include "closed_mouth.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "visema/core/face_points.h"
#include "visema/renderer/face_crop.h"

namespace visema::session {
namespace {

constexpr int kColumns = 16;
constexpr float kMiddle = 0.6F;    // of the mouth's width
constexpr float kReach = 3;        // crop pixels above and below the line, at most,
constexpr float kLipShare = 0.5F;  // and this share of the thinner lip
constexpr int kRows = 3;           // looked at, above and below
constexpr float kBrighter = 12;    // levels of luma
constexpr float kGreyer = 0.15F;   // of the darkest colour's share of the brightest, than lips
constexpr float kGreyerThanSkin = 0.05F;
constexpr float kGrey = 0.8F;  // pale lips stay below
constexpr float kFewTeeth = 0.2F;

/// Of the lips between their edges, and of the skin around them.
constexpr std::array kLipSkin = {184, 73, 11, 303, 408, 307, 404, 16, 180, 77,
                                 183, 41, 12, 271, 407, 325, 403, 15, 179, 96};
constexpr std::array kAround = {164, 18, 200, 57, 287, 186, 410, 43, 273, 92, 322};

struct Colour {
  float luma, grey;  // grey: the darkest of r g b over the brightest
};

Colour colour_at(const Image& picture, float x, float y) {
  const int column = std::clamp(static_cast<int>(std::floor(x)), 0, picture.width - 1);
  const int row = std::clamp(static_cast<int>(std::floor(y)), 0, picture.height - 1);
  const std::uint8_t* rgb = picture.at(column, row);
  const auto [least, most] = std::minmax({rgb[0], rgb[1], rgb[2]});
  return {0.299F * rgb[0] + 0.587F * rgb[1] + 0.114F * rgb[2],
          (static_cast<float>(least) + 1) / (static_cast<float>(most) + 1)};
}

/// Medians over points of the mesh.
template <class Points>
Colour median_at(const Image& picture, const FaceMesh& mesh, const Points& points) {
  std::vector<float> luma, grey;
  for (const auto point : points) {
    const Colour colour = colour_at(picture, mesh[point].x, mesh[point].y);
    luma.push_back(colour.luma);
    grey.push_back(colour.grey);
  }
  const auto middle = static_cast<std::ptrdiff_t>(luma.size() / 2);
  for (auto* values : {&luma, &grey})
    std::nth_element(values->begin(), values->begin() + middle, values->end());
  return {luma[middle], grey[middle]};
}

/// A place of the line between the inner lips, `t` from one corner (0) to the other (1).
Point2 on_line(const FaceMesh& mesh, float t) {
  constexpr int kCount = static_cast<int>(kInnerLips.size());
  const float at = t * kCount / 2;
  const int first = std::min(static_cast<int>(at), kCount / 2 - 1);
  const auto middle = [&](int i) {
    const Point3& upper = mesh[kInnerLips[i]];
    const Point3& lower = mesh[kInnerLips[(kCount - i) % kCount]];
    return Point2{(upper.x + lower.x) / 2, (upper.y + lower.y) / 2};
  };
  const Point2 a = middle(first), b = middle(first + 1);
  const float share = at - static_cast<float>(first);
  return {a.x + share * (b.x - a.x), a.y + share * (b.y - a.y)};
}

/// Pixels of the picture between the inner and outer edge of the thinner lip, in its middle.
float thickness(const FaceMesh& mesh) {
  const auto between = [&](int a, int b) {
    return std::hypot(mesh[a].x - mesh[b].x, mesh[a].y - mesh[b].y);
  };
  constexpr int kUpper = 5, kLower = 15;  // of the rings
  return std::min(between(kInnerLips[kUpper], kOuterLips[kUpper]),
                  between(kInnerLips[kLower], kOuterLips[kLower]));
}

}  // namespace

float teeth_between_lips(const Image& picture, const TrackedFace& face) {
  const Similarity2 picture_from_crop = crop_from_picture(face.pose).inverse();
  const float reach = std::min(
      kReach, kLipShare * thickness(face.mesh) / std::max(picture_from_crop.scale(), 1e-6F));
  const Colour lips = median_at(picture, face.mesh, kLipSkin);
  const Colour skin = median_at(picture, face.mesh, kAround);
  const float grey = std::max({lips.grey + kGreyer, skin.grey + kGreyerThanSkin, kGrey});
  int teeth = 0;
  for (int k = 0; k < kColumns; ++k) {
    const float across = (static_cast<float>(k) + 0.5F) / kColumns - 0.5F;
    const Point2 centre = on_line(face.mesh, 0.5F + kMiddle * across);
    bool tooth = false;
    for (int row = -kRows; row <= kRows && !tooth; ++row) {  // down the crop
      const float down = reach * static_cast<float>(row) / kRows;
      const Colour seen = colour_at(picture, centre.x - picture_from_crop.b * down,
                                    centre.y + picture_from_crop.a * down);
      tooth = seen.luma > lips.luma + kBrighter && seen.grey > grey;
    }
    teeth += tooth;
  }
  return static_cast<float>(teeth) / kColumns;
}

std::size_t first_without_teeth(std::span<const float> candidates) {
  const auto first = std::find_if(candidates.begin(), candidates.end(),
                                  [](float teeth) { return teeth <= kFewTeeth; });
  const auto found =
      first != candidates.end() ? first : std::min_element(candidates.begin(), candidates.end());
  return static_cast<std::size_t>(found - candidates.begin());
}

}  // namespace visema::session
