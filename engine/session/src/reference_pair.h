#pragma once

#include "visema/landmarks/avatar.h"
#include "visema/renderer/face_renderer.h"

namespace visema::session {

/// The two pictures of a face that the generator sees beside each frame.
struct ReferencePair {
  const AvatarReference& rest;
  const AvatarReference& open;
};

/// The closed mouth gives skin and lips, an open one (not the widest, which may be a yawn) teeth.
inline ReferencePair reference_pair(const Avatar& avatar) {
  const auto& all = avatar.references;
  return {all.front(), all[all.size() < 3 ? all.size() - 1 : all.size() - 2]};
}

inline FaceReference face_reference(const AvatarReference& reference) {
  return {reference.picture, reference.mesh, reference.pose};
}

}  // namespace visema::session
