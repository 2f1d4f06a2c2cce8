#pragma once

#include "visema/core/landmark_frame.h"
#include "visema/landmarks/canonical_face.h"

namespace visema {

/// Radians about the axes of the canonical frame, applied roll * yaw * pitch: pitch > 0 looks down,
/// yaw > 0 turns to the picture's left, roll > 0 tilts clockwise in the picture.
struct HeadAngles {
  float pitch = 0;
  float yaw = 0;
  float roll = 0;
};

/// Where a head turns, canonical units: the upper neck, between and behind the jaw's corners.
inline constexpr Point3 kNeckPivot = {0.0F, 0.85F, 0.85F};

/// Weighted similarity (Umeyama 1991) that takes the canonical face to the mesh, on points that
/// speech does not move: forehead, temples, eye corners, nose bridge. Points in picture pixels.
/// Throws Error(kInput) when the points do not span a face (all in one place, not finite).
HeadPose fit_head_pose(const FaceMesh& px, const CanonicalFace& face);

/// Picture pixels to the canonical frame.
FaceMesh stabilise(const FaceMesh& px, const HeadPose& pose);
Point3 stabilise(Point3 px, const HeadPose& pose);
/// Canonical frame to picture pixels; the inverse of stabilise().
FaceMesh project(const FaceMesh& canonical, const HeadPose& pose);
Point3 project(Point3 canonical, const HeadPose& pose);

HeadAngles angles(const HeadPose& pose);
/// Row-major rotation matrix of the angles.
std::array<float, 9> rotation_of(HeadAngles angles);

/// The head turned by `turn` in its own frame about `pivot` (canonical units).
HeadPose rotate(const HeadPose& pose, HeadAngles turn, Point3 pivot = kNeckPivot);
/// The head moved in the picture plane, in canonical units.
HeadPose shift(const HeadPose& pose, Point2 units);
/// The source's head with the head motion of a frame added.
HeadPose add_head_motion(const HeadPose& pose, const FaceMotion& motion);
/// The pose after `first` is followed by a picture similarity `then` (its scale, rotation and
/// translation act on pixels), e.g. a crop.
HeadPose compose(const HeadPose& then, const HeadPose& first);

}  // namespace visema
