#include "face_composer.h"

#include "visema/landmarks/head_pose.h"

namespace visema::session {

FaceComposer::FaceComposer(const Avatar& avatar, const CanonicalFace& canonical,
                           const SlowExpression* expression)
    : rest_(avatar.rest),
      lower_weight_(lower_face_weights(canonical.mesh())),
      expression_(expression) {}

ComposedFace FaceComposer::compose(const LandmarkFrame& source, const FaceMotion& motion) const {
  FaceMesh face = stabilise(source.face->mesh, source.face->pose);
  const FaceMesh own = expression_ != nullptr ? expression_->at(source.index) : FaceMesh{};
  for (std::size_t i = 0; i < face.size(); ++i) {
    const float w = lower_weight_[i];
    const Point3& rest = rest_[i];
    const Point3& offset = motion.offset[i];
    Point3& p = face[i];
    p.x += w * (rest.x + own[i].x - p.x) + offset.x;
    p.y += w * (rest.y + own[i].y - p.y) + offset.y;
    p.z += w * (rest.z + own[i].z - p.z) + offset.z;
  }
  ComposedFace composed;
  composed.pose = add_head_motion(source.face->pose, motion);
  composed.mesh = project(face, composed.pose);
  return composed;
}

}  // namespace visema::session
