#pragma once

#include <vector>

#include "visema/landmarks/avatar.h"

namespace visema::session {

/// How much of the painted face each frame of a template gets: 0 where no face was found, the
/// head is turned further than the generator has seen, or most of the lips is covered, 1 elsewhere,
/// with a fifth of a second between them, so that a lost track fades and does not jump. A picture
/// is painted always.
class FaceFade {
 public:
  /// `around`: the first frame follows the last.
  FaceFade(const Avatar& avatar, bool around);

  /// Strength in 0..1 of the avatar's frame `index`.
  float at(FrameIndex index) const { return strength_[static_cast<std::size_t>(index)]; }

 private:
  std::vector<float> strength_;
};

}  // namespace visema::session
