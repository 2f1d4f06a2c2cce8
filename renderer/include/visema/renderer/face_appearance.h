#pragma once

#include <memory>
#include <span>
#include <vector>

#include "visema/core/image.h"
#include "visema/renderer/face_atlas.h"

namespace visema {

/// What one person's face looks like when nothing is before it, learnt from flat faces
/// (FaceAtlas::flatten) most of which show it so: at every place the usual colours, and how far
/// speech, expression and light move them. Immutable after learning.
class FaceAppearance {
 public:
  /// `faces`: at least kLeastFaces, from all of the video.
  FaceAppearance(const FaceAtlas& atlas, std::span<const FlatFace> faces);
  ~FaceAppearance();
  FaceAppearance(FaceAppearance&&) noexcept;
  FaceAppearance& operator=(FaceAppearance&&) noexcept;

  static constexpr int kLeastFaces = 16;

  /// How unlike itself each texel of a flat face is, kAtlasTexels numbers: about 1 is usual, from 3
  /// on it is something else. Negative where nothing can be said: not seen, between the lips, or
  /// not of the lower face. The light of the frame is estimated and taken out; of a face that looks
  /// where few do, less is known and more is usual.
  std::vector<float> unlike(const FlatFace& face) const;

 private:
  struct State;
  std::unique_ptr<const State> state_;
};

}  // namespace visema
