#include "face_embedding_region.h"

#include <array>
#include <complex>

#include "visema/core/face_points.h"

namespace visema {
namespace {

using Place = std::complex<float>;

/// Both eyes, nose tip, corners of the mouth in a square of side 112.
constexpr float kTemplateSide = 112;
const std::array<Place, 5> kTemplate = {Place(38.29f, 51.70f), Place(73.53f, 51.50f),
                                        Place(56.03f, 71.74f), Place(41.55f, 92.37f),
                                        Place(70.73f, 92.20f)};

Place place_of(const FaceMesh& mesh, std::size_t point) {
  return {mesh[point].x, mesh[point].y};
}

Place centre_of(const FaceMesh& mesh, const std::array<std::uint16_t, 16>& contour) {
  Place sum;
  for (const auto point : contour) sum += place_of(mesh, point);
  return sum / static_cast<float>(contour.size());
}

Place mean(const std::array<Place, 5>& places) {
  Place sum;
  for (const Place& place : places) sum += place;
  return sum / static_cast<float>(places.size());
}

}  // namespace

FaceRegion aligned_region(const FaceMesh& mesh) {
  const std::array<Place, 5> points = {centre_of(mesh, kRightEye), centre_of(mesh, kLeftEye),
                                       place_of(mesh, kNoseTip), place_of(mesh, kOuterLips[0]),
                                       place_of(mesh, kOuterLips[10])};
  // Least squares of picture = turn * (template - from) + to, as complex numbers.
  const Place from = mean(kTemplate), to = mean(points);
  Place product;
  float square = 0;
  for (std::size_t i = 0; i < points.size(); ++i) {
    product += (points[i] - to) * std::conj(kTemplate[i] - from);
    square += std::norm(kTemplate[i] - from);
  }
  const Place turn = product / square;
  const Place centre = to + turn * (Place(kTemplateSide / 2, kTemplateSide / 2) - from);
  return {{centre.real(), centre.imag()}, kTemplateSide * std::abs(turn), std::arg(turn)};
}

}  // namespace visema
