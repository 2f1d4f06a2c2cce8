#pragma once

#include <array>
#include <vector>

#include "visema/core/iplap_points.h"
#include "visema/models/ip_lap_landmark_network.h"
#include "visema/renderer/motion_field.h"

namespace visema::session {

static_assert(kIplapPose == kIpLapPosePoints && kIplapContent == kIpLapContentPoints);

using IplapPoints = std::array<Point2, kIplapPoints>;

/// A face's points in 0..1 of its crop.
IplapPoints normalised(const FaceMesh& mesh, const PixelBox& crop);

/// The networks' form: x of `count` points from `first`, then their y.
void put_rows(const IplapPoints& points, int first, int count, float* rows);
void take_rows(const float* rows, int first, int count, IplapPoints& points);

/// Appends the sketch of a face as the renderer takes it: three equal planes of 128 x 128 in 0..1.
void append_sketch(const IplapPoints& points, const PixelBox& crop, std::vector<float>& sketches);

}  // namespace visema::session
