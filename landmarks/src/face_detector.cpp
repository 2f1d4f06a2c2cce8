#include "visema/landmarks/face_detector.h"

#include <algorithm>
#include <cmath>

#include "face_sampling.h"
#include "visema/core/error.h"

namespace visema {
namespace {

constexpr int kInput = 128;
constexpr int kAnchors = 896;
constexpr float kSearchScore = 0.75f;  // many squares, many chances to be wrong
constexpr float kFinestSearch = 600;   // px of a square that search() still divides
constexpr int kValues = 16;            // centre, size, six key points

/// Two anchors in each cell of 16x16, six in each of 8x8; all that counts of them is the centre.
std::vector<Point2> make_anchors() {
  std::vector<Point2> anchors;
  for (const auto& [cells, each] : {std::pair{16, 2}, std::pair{8, 6}}) {
    for (int y = 0; y < cells; ++y) {
      for (int x = 0; x < cells; ++x) {
        const Point2 centre{(static_cast<float>(x) + 0.5f) / static_cast<float>(cells),
                            (static_cast<float>(y) + 0.5f) / static_cast<float>(cells)};
        anchors.insert(anchors.end(), static_cast<std::size_t>(each), centre);
      }
    }
  }
  return anchors;
}

float overlap(const FaceDetection& a, const FaceDetection& b) {
  const float w = std::min(a.x + a.width, b.x + b.width) - std::max(a.x, b.x);
  const float h = std::min(a.y + a.height, b.y + b.height) - std::max(a.y, b.y);
  if (w <= 0 || h <= 0) return 0;
  return w * h / (a.width * a.height + b.width * b.height - w * h);
}

/// Mean of the group weighted by score; keeps the first one's score.
FaceDetection blend(const std::vector<FaceDetection>& group) {
  FaceDetection sum;
  float total = 0;
  for (const auto& one : group) {
    total += one.score;
    sum.x += one.score * one.x;
    sum.y += one.score * one.y;
    sum.width += one.score * one.width;
    sum.height += one.score * one.height;
    for (std::size_t k = 0; k < sum.keypoints.size(); ++k) {
      sum.keypoints[k].x += one.score * one.keypoints[k].x;
      sum.keypoints[k].y += one.score * one.keypoints[k].y;
    }
  }
  for (float* value : {&sum.x, &sum.y, &sum.width, &sum.height}) *value /= total;
  for (auto& point : sum.keypoints) point = {point.x / total, point.y / total};
  sum.score = group.front().score;
  return sum;
}

/// Non-maximum suppression that averages what it suppresses.
std::vector<FaceDetection> merge(std::vector<FaceDetection> candidates, float max_overlap) {
  std::stable_sort(candidates.begin(), candidates.end(),
                   [](const auto& a, const auto& b) { return a.score > b.score; });
  std::vector<FaceDetection> faces;
  while (!candidates.empty()) {
    std::vector<FaceDetection> group{candidates.front()}, rest;
    for (std::size_t i = 1; i < candidates.size(); ++i) {
      const bool same = overlap(candidates[i], candidates.front()) > max_overlap;
      (same ? group : rest).push_back(candidates[i]);
    }
    faces.push_back(blend(group));
    candidates = std::move(rest);
  }
  return faces;
}

}  // namespace

FaceDetector::FaceDetector(const std::filesystem::path& network, FaceDetectorOptions options)
    : network_(network), options_(options), anchors_(make_anchors()) {
  using Shape = std::vector<std::int64_t>;
  const auto& outputs = network_.outputs();
  if (network_.input().shape != Shape{1, kInput, kInput, 3} || outputs.size() != 2 ||
      outputs[0].shape != Shape{1, kAnchors, kValues} ||
      outputs[1].shape != Shape{1, kAnchors, 1}) {
    throw Error(ErrorCode::kModel, network.string() +
                                       " is not the face detector: it must turn a "
                                       "128x128 picture into 896 boxes and scores");
  }
}

std::vector<FaceDetection> FaceDetector::candidates(const Image& image, Point2 centre,
                                                    float side) const {
  const auto results =
      network_.run(sample_region(image, {centre, side, 0}, kInput, -1, 1, Outside::kBlack));
  const float left = centre.x - side / 2, top = centre.y - side / 2;
  std::vector<FaceDetection> found;
  for (int i = 0; i < kAnchors; ++i) {
    const float logit = std::clamp(results[1][i], -100.0f, 100.0f);
    const float score = 1 / (1 + std::exp(-logit));
    if (!(score >= options_.min_score)) continue;
    const float* v = &results[0][static_cast<std::size_t>(i) * kValues];
    const auto place = [&](const float* offset) {
      return Point2{left + (offset[0] / kInput + anchors_[i].x) * side,
                    top + (offset[1] / kInput + anchors_[i].y) * side};
    };
    FaceDetection face;
    const Point2 middle = place(v);
    face.width = v[2] / kInput * side;
    face.height = v[3] / kInput * side;
    if (!(face.width > 0 && face.height > 0)) continue;
    face.x = middle.x - face.width / 2;
    face.y = middle.y - face.height / 2;
    for (std::size_t k = 0; k < face.keypoints.size(); ++k)
      face.keypoints[k] = place(v + 4 + 2 * k);
    face.score = score;
    found.push_back(face);
  }
  return found;
}

std::vector<FaceDetection> FaceDetector::detect(const Image& image) const {
  if (image.empty()) return {};
  // The whole picture in a square, black beside it.
  const auto width = static_cast<float>(image.width), height = static_cast<float>(image.height);
  return merge(candidates(image, {width / 2, height / 2}, std::max(width, height)),
               options_.max_overlap);
}

std::vector<FaceDetection> FaceDetector::search(const Image& image) const {
  auto faces = detect(image);
  const auto width = static_cast<float>(image.width), height = static_cast<float>(image.height);
  float side = std::max(width, height);
  while (faces.empty() && side > kFinestSearch) {
    side /= 2;
    std::vector<FaceDetection> all;
    const auto steps = [&](float length) {
      return std::max(1, static_cast<int>(std::ceil(2 * length / side)) - 1);
    };
    const int columns = steps(width), rows = steps(height);
    for (int row = 0; row < rows; ++row) {
      for (int column = 0; column < columns; ++column) {
        const Point2 centre{
            (static_cast<float>(column) + 1) * width / static_cast<float>(columns + 1),
            (static_cast<float>(row) + 1) * height / static_cast<float>(rows + 1)};
        const auto found = candidates(image, centre, side);
        all.insert(all.end(), found.begin(), found.end());
      }
    }
    faces = merge(std::move(all), options_.max_overlap);
    std::erase_if(faces, [](const auto& face) { return face.score < kSearchScore; });
  }
  return faces;
}

}  // namespace visema
