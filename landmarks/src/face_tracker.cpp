#include "visema/landmarks/face_tracker.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "face_tracker_smoother.h"
#include "visema/core/error.h"
#include "visema/landmarks/canonical_face.h"
#include "visema/landmarks/face_detector.h"
#include "visema/landmarks/face_mesh_net.h"
#include "visema/landmarks/head_pose.h"

namespace visema {
namespace {

constexpr int kSearchInterval = 10;  // frames without a face between two searches for small ones
constexpr float kSameFace = 0.5f;    // of a box's longer side, between two looks at one face
constexpr float kStillThere = 1.0f;  // the same after some frames out of sight

struct Box {
  Point2 centre;
  float size = 0;  // longer side
};

Box box_of(const FaceMesh& mesh) {
  Point2 low{mesh[0].x, mesh[0].y}, high = low;
  for (const auto& point : mesh) {
    low = {std::min(low.x, point.x), std::min(low.y, point.y)};
    high = {std::max(high.x, point.x), std::max(high.y, point.y)};
  }
  return {{(low.x + high.x) / 2, (low.y + high.y) / 2}, std::max(high.x - low.x, high.y - low.y)};
}

Point2 centre_of(const FaceDetection& face) {
  return {face.x + face.width / 2, face.y + face.height / 2};
}

float distance(Point2 a, Point2 b) {
  return std::hypot(a.x - b.x, a.y - b.y);
}

bool is_finite(const FaceMesh& mesh) {
  return std::all_of(mesh.begin(), mesh.end(), [](const Point3& p) {
    return std::isfinite(p.x) && std::isfinite(p.y) && std::isfinite(p.z);
  });
}

}  // namespace

struct FaceTracker::State {
  State(const std::filesystem::path& models, FaceTrackerOptions o)
      : options(o),
        detector(models / "face_detector.safetensors"),
        network(models / "face_mesh.safetensors"),
        canonical(CanonicalFace::load(models / "canonical_face.safetensors")) {}

  std::optional<FaceMeshResult> follow(const Image& image) {
    if (!last || missing > 0) return std::nullopt;
    if (++unchecked >= options.check_interval && another_face(image)) return std::nullopt;
    return accept(network.infer(image, region_of(*last)));
  }

  /// Looks at the whole picture: true when there are faces, but none where the mesh was.
  bool another_face(const Image& image) {
    unchecked = 0;
    const auto faces = detector.detect(image);
    const Box box = box_of(*last);
    return !faces.empty() && std::none_of(faces.begin(), faces.end(), [&](const auto& face) {
      return distance(centre_of(face), box.centre) < kSameFace * box.size;
    });
  }

  std::optional<FaceMeshResult> find(const Image& image) {
    unchecked = 0;
    auto faces = missing % kSearchInterval == 0 ? detector.search(image) : detector.detect(image);
    std::sort(faces.begin(), faces.end(),
              [](const auto& a, const auto& b) { return centre_of(a).x < centre_of(b).x; });
    // Judge each by its mesh: what has no face in it or is too small does not count.
    std::vector<FaceMeshResult> meshes;
    for (const auto& face : faces) {
      if (auto mesh = accept(network.infer(image, region_of(face)))) meshes.push_back(*mesh);
    }
    most_faces = std::max(most_faces, static_cast<int>(meshes.size()));
    return choose(meshes);
  }

  std::optional<FaceMeshResult> choose(const std::vector<FaceMeshResult>& faces) const {
    if (faces.empty()) return std::nullopt;
    if (last) {
      const Box before = box_of(*last);
      const auto nearest =
          std::min_element(faces.begin(), faces.end(), [&](const auto& a, const auto& b) {
            return distance(box_of(a.mesh).centre, before.centre) <
                   distance(box_of(b.mesh).centre, before.centre);
          });
      if (distance(box_of(nearest->mesh).centre, before.centre) < kStillThere * before.size) {
        return *nearest;
      }
    }
    switch (options.choice) {
      case FaceTrackerChoice::kLeft:
        return faces.front();
      case FaceTrackerChoice::kRight:
        return faces.back();
      case FaceTrackerChoice::kIndex:
        if (options.face_index < 0 || options.face_index >= static_cast<int>(faces.size())) {
          return std::nullopt;
        }
        return faces[static_cast<std::size_t>(options.face_index)];
      case FaceTrackerChoice::kLargest:
        break;
    }
    return *std::max_element(faces.begin(), faces.end(), [](const auto& a, const auto& b) {
      return box_of(a.mesh).size < box_of(b.mesh).size;
    });
  }

  std::optional<FaceMeshResult> accept(const FaceMeshResult& result) {
    if (!(result.score >= options.min_score) || !is_finite(result.mesh)) return std::nullopt;
    const float size = box_of(result.mesh).size;
    if (size < options.min_face_px) {
      too_small_px = std::max(too_small_px, size);
      return std::nullopt;
    }
    return result;
  }

  std::optional<TrackedFace> finish(const FaceMeshResult& found, double time_s) {
    TrackedFace face;
    face.mesh = options.smooth ? smoother.smooth(found.mesh, time_s) : found.mesh;
    face.score = found.score;
    try {
      face.pose = fit_head_pose(face.mesh, canonical);
    } catch (const Error&) {  // points that span no face
      return std::nullopt;
    }
    last = found.mesh;
    missing = 0;
    return face;
  }

  FaceTrackerOptions options;
  FaceDetector detector;
  FaceMeshNetwork network;
  CanonicalFace canonical;
  FaceSmoother smoother;
  std::optional<FaceMesh> last;  // not smoothed
  int missing = 0;               // frames since a face was seen
  int unchecked = 0;             // frames since the detector ran
  float too_small_px = 0;
  int most_faces = 0;
};

FaceTracker::FaceTracker(const std::filesystem::path& models, FaceTrackerOptions options)
    : state_(std::make_unique<State>(models, options)) {}
FaceTracker::~FaceTracker() = default;
FaceTracker::FaceTracker(FaceTracker&&) noexcept = default;
FaceTracker& FaceTracker::operator=(FaceTracker&&) noexcept = default;

std::optional<TrackedFace> FaceTracker::track(const VideoFrame& frame) {
  State& state = *state_;
  if (frame.image.empty()) return std::nullopt;
  auto found = state.follow(frame.image);
  if (!found) {
    state.smoother.reset();
    found = state.find(frame.image);
  }
  auto face = found ? state.finish(*found, frame.time_s) : std::nullopt;
  if (!face) ++state.missing;
  return face;
}

void FaceTracker::reset() {
  State& state = *state_;
  state.smoother.reset();
  state.last.reset();
  state.missing = 0;
  state.unchecked = 0;
  state.too_small_px = 0;
  state.most_faces = 0;
}

float FaceTracker::too_small_face_px() const {
  return state_->too_small_px;
}

int FaceTracker::most_faces() const {
  return state_->most_faces;
}

}  // namespace visema
