#pragma once

#include "visema/landmarks/avatar.h"
#include "visema/renderer/face_renderer.h"

namespace visema::session {

/// The pictures of a face that its frames are painted from. The generator sees the first two.
struct ReferencePictures {
  const AvatarReference& rest;
  const AvatarReference& open;
  const AvatarReference& wide;
};

/// The closed mouth gives skin and lips, an open one (not the widest, which may be a yawn) teeth,
/// the widest what is seen of mouths that are open farther.
inline ReferencePictures reference_pictures(const Avatar& avatar) {
  const auto& all = avatar.references;
  return {all.front(), all[all.size() < 3 ? all.size() - 1 : all.size() - 2], all.back()};
}

inline FaceReference face_reference(const AvatarReference& reference) {
  return {reference.picture, reference.mesh, reference.pose};
}

}  // namespace visema::session
