#include "visema/landmarks/face_mesh_net.h"

#include <algorithm>
#include <cmath>
#include <span>

#include "face_refinement.h"
#include "face_sampling.h"
#include "visema/core/error.h"

namespace visema {
namespace {

constexpr int kInput = 192;
constexpr int kBasePoints = 468;
constexpr int kLeftEyeCorner = 33;
constexpr int kRightEyeCorner = 263;

float angle_of(Point2 from, Point2 to) {
  return std::atan2(to.y - from.y, to.x - from.x);
}

using Points = std::span<const float>;

/// x and y of the refined points, z kept.
template <std::size_t N>
void refine(FaceMesh& mesh, const std::array<std::uint16_t, N>& indices, Points points) {
  for (std::size_t i = 0; i < N; ++i) {
    mesh[indices[i]].x = points[2 * i];
    mesh[indices[i]].y = points[2 * i + 1];
  }
}

/// Irises get the mean depth of the lids.
void place_iris(FaceMesh& mesh, const std::array<std::uint16_t, 5>& iris, Points points,
                std::span<const std::uint16_t> lids) {
  refine(mesh, iris, points);
  float depth = 0;
  for (const auto index : lids) depth += mesh[index].z;
  for (const auto index : iris) mesh[index].z = depth / static_cast<float>(lids.size());
}

}  // namespace

FaceRegion region_of(const FaceDetection& detection) {
  return {{detection.x + detection.width / 2, detection.y + detection.height / 2},
          kRegionScale * std::max(detection.width, detection.height),
          angle_of(detection.keypoints[0], detection.keypoints[1])};
}

FaceRegion region_of(const FaceMesh& mesh) {
  Point2 low{mesh[0].x, mesh[0].y}, high = low;
  for (const auto& point : mesh) {
    low = {std::min(low.x, point.x), std::min(low.y, point.y)};
    high = {std::max(high.x, point.x), std::max(high.y, point.y)};
  }
  const auto flat = [&](int index) { return Point2{mesh[index].x, mesh[index].y}; };
  return {{(low.x + high.x) / 2, (low.y + high.y) / 2},
          kRegionScale * std::max(high.x - low.x, high.y - low.y),
          angle_of(flat(kLeftEyeCorner), flat(kRightEyeCorner))};
}

FaceMeshNetwork::FaceMeshNetwork(const std::filesystem::path& network) : network_(network) {
  using Shape = std::vector<std::int64_t>;
  static constexpr std::array<std::pair<const char*, int>, 7> kOutputs = {{
      {"output_mesh_identity", 3 * kBasePoints},
      {"output_lips", 2 * 80},
      {"output_left_eye", 2 * 71},
      {"output_right_eye", 2 * 71},
      {"output_left_iris", 2 * 5},
      {"output_right_iris", 2 * 5},
      {"conv_faceflag", 1},
  }};
  const auto& outputs = network_.outputs();
  for (std::size_t i = 0; i < kOutputs.size(); ++i) {
    const auto& [name, size] = kOutputs[i];
    const auto found =
        std::find_if(outputs.begin(), outputs.end(),
                     [name = name](const auto& output) { return output.name == name; });
    if (found == outputs.end() || found->shape != Shape{1, 1, 1, size} ||
        network_.input().shape != Shape{1, kInput, kInput, 3}) {
      throw Error(ErrorCode::kModel, network.string() +
                                         " is not the face mesh with attention: output " + name +
                                         " of " + std::to_string(size) + " numbers is missing");
    }
    outputs_[i] = static_cast<std::size_t>(found - outputs.begin());
  }
}

FaceMeshResult FaceMeshNetwork::infer(const Image& image, const FaceRegion& region) const {
  const auto results = network_.run(sample_region(image, region, kInput, 0, 1, Outside::kNearest));
  const auto output = [&](int i) { return Points(results[outputs_[i]]); };

  FaceMeshResult result;
  FaceMesh& mesh = result.mesh;
  for (int i = 0; i < kBasePoints; ++i) {
    const float* point = &output(0)[3 * static_cast<std::size_t>(i)];
    mesh[i] = {point[0], point[1], point[2]};
  }
  refine(mesh, kLipPoints, output(1));
  refine(mesh, kLeftEyePoints, output(2));
  refine(mesh, kRightEyePoints, output(3));
  place_iris(mesh, kLeftIrisPoints, output(4), std::span(kLeftEyePoints).first(kLidPoints));
  place_iris(mesh, kRightIrisPoints, output(5), std::span(kRightEyePoints).first(kLidPoints));
  result.score = 1 / (1 + std::exp(-output(6)[0]));

  const float scale = region.size / kInput;
  const float c = std::cos(region.rotation) * scale, s = std::sin(region.rotation) * scale;
  for (auto& point : mesh) {
    const float u = point.x - kInput / 2.0f, v = point.y - kInput / 2.0f;
    point = {region.centre.x + c * u - s * v, region.centre.y + s * u + c * v, point.z * scale};
  }
  return result;
}

}  // namespace visema
