#pragma once

#include <Eigen/Core>

#include "visema/core/landmark_frame.h"

namespace visema {

inline Eigen::Vector3d to_vector(Point3 p) {
  return {p.x, p.y, p.z};
}

inline Point3 to_point(const Eigen::Vector3d& v) {
  return Point3{static_cast<float>(v.x()), static_cast<float>(v.y()), static_cast<float>(v.z())};
}

inline Eigen::Matrix3d rotation_matrix(const HeadPose& pose) {
  return Eigen::Map<const Eigen::Matrix<float, 3, 3, Eigen::RowMajor>>(pose.rotation.data())
      .cast<double>();
}

}  // namespace visema
