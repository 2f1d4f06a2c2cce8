#pragma once

#include <functional>
#include <memory>
#include <span>

#include "visema/core/image.h"
#include "visema/core/landmark_frame.h"
#include "visema/renderer/face_atlas.h"
#include "visema/renderer/face_triangles.h"
#include "visema/renderer/generator_input.h"

namespace visema {

/// A picture of the person that skin, lips and teeth are taken from; mesh and pose in its pixels.
struct FaceReference {
  Image picture;
  FaceMesh mesh{};
  HeadPose pose;
};

/// The reference as the generator gets it: upright, of the crop's scale.
Reference rectify(const FaceReference& reference);

/// Moves the face of a frame to a target: warps the frame, lets the generator paint the mouth
/// region and composites it at the frame's resolution. Pixels outside the moved area and the mouth
/// mask keep every bit. No state between frames; one thread at a time.
class FaceRenderer {
 public:
  /// The network: kGeneratorInputSize planes in, 4 * kCropPixels out (r g b and blend, 0..1).
  using Generator = std::function<void(std::span<const float> planes, std::span<float> result)>;

  /// `rest`: closed mouth; `open`: open mouth; `wide`: wide open, for the inside of mouths that are
  /// open farther than `open` (all the same for a portrait). `triangles`: of the canonical face.
  FaceRenderer(std::span<const FaceTriangles::Triangle> triangles, const FaceReference& rest,
               const FaceReference& open, const FaceReference& wide, Generator generator);
  ~FaceRenderer();
  FaceRenderer(FaceRenderer&&) noexcept;
  FaceRenderer& operator=(FaceRenderer&&) noexcept;

  /// What of a frame's face lies behind something (FaceCover's mask).
  struct Covered {
    const FaceAtlas& atlas;
    std::span<const std::uint8_t> mask;
  };

  /// `source`: where the face is in the frame; `target`, `target_pose`: where it goes. All in
  /// pixels of the frame. `covered`, where not null: what keeps the frame's own pixels.
  Image render(const Image& frame, const FaceMesh& source, const FaceMesh& target,
               const HeadPose& target_pose, const Covered* covered = nullptr);
  /// Moves what belongs to a frame, such as a mask, as render() moves the frame; paints nothing.
  Image move(const Image& layer, const FaceMesh& source, const FaceMesh& target) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace visema
