#include "generator_pack.h"

#include <array>
#include <cmath>
#include <cstring>
#include <deque>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <numbers>
#include <string>
#include <utility>
#include <vector>

#include "visema/core/landmark_frame.h"
#include "visema/models/tensor_file.h"
#include "visema/renderer/face_crop.h"
#include "visema/renderer/face_triangles.h"

namespace visema::test {
namespace {

constexpr int kCrops = 12;
constexpr int kNose = 4;
constexpr std::array<int, 20> kInner = {78,  191, 80,  81,  82,  13, 312, 311, 310, 415,
                                        308, 324, 318, 402, 317, 14, 87,  178, 88,  95};
constexpr std::array<int, 20> kOuter = {61,  185, 40,  39,  37,  0,  267, 269, 270, 409,
                                        291, 375, 321, 405, 314, 17, 84,  181, 91,  146};
constexpr std::array<int, 36> kOval = {10,  338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288,
                                       397, 365, 379, 378, 400, 377, 152, 148, 176, 149, 150, 136,
                                       172, 58,  132, 93,  234, 127, 162, 21,  54,  103, 67,  109};
/// Points between which the mouth mask's corners lie, clockwise from under the nose, off the oval.
constexpr std::array<int, 25> kMask = {2,   327, 423, 425, 411, 433, 435, 367, 364,
                                       394, 395, 369, 396, 171, 140, 170, 169, 135,
                                       138, 215, 213, 187, 205, 203, 98};

struct Ellipse {
  double x, y, width, height;  // centre and half axes, px

  bool contains(double px, double py) const {
    const double u = (px - x) / width, v = (py - y) / std::max(height, 1e-3);
    return u * u + v * v < 1;
  }
  /// Point k of n, clockwise from `start`.
  Point2 point(std::size_t k, std::size_t n, double start) const {
    const double angle =
        start + 2 * std::numbers::pi * static_cast<double>(k) / static_cast<double>(n);
    return {static_cast<float>(x + width * std::cos(angle)),
            static_cast<float>(y + height * std::sin(angle))};
  }
};

/// A face with a mouth `gap` px open.
struct DrawnFace {
  Ellipse oval{96, 70, 75, 110}, outer, inner;
  explicit DrawnFace(double gap) : outer{96, 95, 36, 10 + gap / 2}, inner{96, 95, 26, gap / 2} {}

  FacePoints points() const {
    FacePoints points;
    // The points that nothing is drawn from lie on the middle line.
    for (int i = 0; i < kMeshPoints; ++i) points[i] = {96, 5 + static_cast<float>(i) * 0.1F};
    for (std::size_t k = 0; k < kInner.size(); ++k) {
      points[kInner[k]] = inner.point(k, kInner.size(), std::numbers::pi);
      points[kOuter[k]] = outer.point(k, kOuter.size(), std::numbers::pi);
    }
    for (std::size_t k = 0; k < kOval.size(); ++k)
      points[kOval[k]] = oval.point(k, kOval.size(), -std::numbers::pi / 2);
    const Ellipse mask{96, 105, 60, 45};
    for (std::size_t k = 0; k < kMask.size(); ++k)
      points[kMask[k]] = mask.point(k, kMask.size(), -std::numbers::pi / 2);
    for (const auto& [other, same] :
         {std::pair{164, 2}, {391, 327}, {426, 423}, {427, 411}, {207, 187}, {206, 203}, {165, 98}})
      points[other] = points[same];
    points[kNose] = {96, 60};
    return points;
  }

  Image picture(int person) const {
    Image image(kCropSize, kCropSize);
    for (int y = 0; y < kCropSize; ++y)
      for (int x = 0; x < kCropSize; ++x) {
        std::array<int, 3> colour = {190 - 20 * person + y / 8, 140 + 10 * person, 120};
        if (outer.contains(x + 0.5, y + 0.5)) colour = {180, 60, 70};
        if (inner.contains(x + 0.5, y + 0.5)) colour = {40, 20, 25};
        if (!oval.contains(x + 0.5, y + 0.5)) colour = {60, 80, 110};
        for (int c = 0; c < 3; ++c) image.at(x, y)[c] = static_cast<std::uint8_t>(colour[c]);
      }
    return image;
  }
};

/// Numbers of the pack's tensors; views on them stay valid.
struct Numbers {
  std::deque<std::vector<float>> floats;
  std::deque<std::vector<std::int32_t>> integers;
  std::deque<std::vector<std::uint8_t>> pixels;
};

void add_clip(const std::string& id, int person, Numbers& numbers,
              std::map<std::string, Tensor>& tensors) {
  auto& pixels = numbers.pixels.emplace_back();
  auto& points = numbers.floats.emplace_back();
  auto& frames = numbers.integers.emplace_back();
  for (int n = 0; n < kCrops; ++n) {
    const DrawnFace face(12 - 12 * std::cos(n * 1.1));
    const Image picture = face.picture(person);
    pixels.insert(pixels.end(), picture.rgb.begin(), picture.rgb.end());
    for (const Point2& p : face.points()) points.insert(points.end(), {p.x, p.y});
    frames.push_back(n * 2);
  }
  auto& rest = numbers.floats.emplace_back();
  for (const Point2& p : DrawnFace(0).points())
    rest.insert(rest.end(), {(p.x - 96) / kCropScale, p.y / kCropScale, 0});
  tensors[id + "/crop"] = view_of(pixels, {kCrops, kCropSize, kCropSize, 3});
  tensors[id + "/crop_points"] = view_of(points, {kCrops, kMeshPoints, 2});
  tensors[id + "/crop_frame"] = view_of(frames, {kCrops});
  tensors[id + "/rest"] = view_of(rest, {kMeshPoints, 3});
}

}  // namespace

void write_generator_pack(const std::filesystem::path& folder, int clips) {
  std::filesystem::create_directories(folder);
  Numbers numbers;
  std::map<std::string, Tensor> tensors;
  nlohmann::json list = {{"version", 1}, {"basis", "basis.safetensors"}, {"sha256", "drawn"}};
  for (int k = 0; k <= clips; ++k) {
    const std::string id = "drawn/" + std::to_string(k);
    add_clip(id, k, numbers, tensors);
    list["clips"].push_back({{"id", id},
                             {"source", "drawn"},
                             {"person", "drawn:" + std::to_string(k)},
                             {"split", k < clips ? "train" : "val"},
                             {"sound", "none"},
                             {"shard", "clips-000.safetensors"},
                             {"frames", kCrops * 2},
                             {"crops", kCrops}});
  }
  write_tensor_file(folder / "clips-000.safetensors", tensors);
  const std::vector<float> row(kMeshPoints * 3, 0.0F);
  write_tensor_file(folder / "basis.safetensors", {{"lower", view_of(row, {1, kMeshPoints, 3})}});
  std::vector<std::int32_t> fan;
  for (std::size_t k = 0; k < kOval.size(); ++k)
    fan.insert(fan.end(), {kNose, kOval[k], kOval[(k + 1) % kOval.size()]});
  write_tensor_file(folder / "canonical_face.safetensors",
                    {{"triangles", view_of(fan, {static_cast<std::int64_t>(kOval.size()), 3})}});
  std::ofstream(folder / "pack.json") << list.dump(1);
}

training::RendererTraining small_training(const std::filesystem::path& folder, int steps) {
  training::RendererTraining training;
  training.pack = folder / "pack";
  training.out = folder / "renderer.safetensors";
  training.budget.steps = steps;
  training.batch = 4;
  training.rate = 4e-3;
  training.adversarial = 0;
  training.window_px = 96;
  training.validate_minutes = 1e6;
  training.validation_count = 6;
  training.config = R"({"widths":[16,16,16],"blocks":[1,1,1]})";
  return training;
}

}  // namespace visema::test
