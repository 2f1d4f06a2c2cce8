#pragma once

#include <array>
#include <optional>

#include "visema/core/time.h"

namespace visema {

inline constexpr int kMeshPoints = 478;

struct Point2 {
  float x = 0;
  float y = 0;
};

struct Point3 {
  float x = 0;
  float y = 0;
  float z = 0;
};

/// The 478 points of MediaPipe's face mesh with irises. In pictures: x, y in pixels (pixel centres
/// at .5), z relative depth in pixels, smaller is nearer. In the canonical frame: see HeadPose.
using FaceMesh = std::array<Point3, kMeshPoints>;

/// Similarity from the canonical frame to picture pixels: p = scale * rotation * c + translation.
/// Canonical frame: origin between the outer eye corners, x to the picture's right, y down, z away
/// from the camera, unit = distance of the outer eye corners (mesh points 33 and 263).
struct HeadPose {
  float scale = 1;                                              // pixels per unit
  std::array<float, 9> rotation = {1, 0, 0, 0, 1, 0, 0, 0, 1};  // row major
  Point3 translation;                                           // pixels
};

struct TrackedFace {
  FaceMesh mesh;  // picture pixels
  HeadPose pose;
  float score = 0;  // face presence, 0..1
};

/// What a tracker knows of one frame.
struct LandmarkFrame {
  FrameIndex index = 0;
  double time_s = 0;
  std::optional<TrackedFace> face;
};

/// What speech (and the seeded life of a portrait) does to a face in one frame.
struct FaceMotion {
  FrameIndex index = 0;
  FaceMesh offset{};                         // canonical units, to add to the speaker's rest face
  std::array<float, 3> head_rotation_rad{};  // pitch, yaw, roll to add to the source's pose
  Point2 head_shift;                         // canonical units, to add to the source's position
  float blink = 0;                           // 0 open .. 1 closed, already part of offset
};

}  // namespace visema
