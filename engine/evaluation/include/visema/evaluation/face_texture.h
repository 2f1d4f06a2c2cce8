#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "visema/core/image.h"
#include "visema/core/landmark_frame.h"

namespace visema {

inline constexpr std::size_t kSkinPatches = 10;
inline constexpr std::size_t kSeamContours = 17;

/// What a face's surface looks like in one frame, whatever its size and place in the picture.
struct FaceTexture {
  double mouth_detail = 0;  // root mean square of the Laplacian of the smoothed mouth, luma levels
  std::array<std::array<float, 3>, kSkinPatches> skin{};  // CIELAB of patches, lower face first
  std::array<float, kSkinPatches> luma{};                 // of the same patches
  std::array<float, kSeamContours> steps{};  // mean step of luma across contours around the mouth
};

FaceTexture describe_texture(const Image& picture, const TrackedFace& face);

/// Detail, colour, seams and flicker of a video's faces. Keeps a few numbers a frame.
class TextureMeter {
 public:
  void push(const FaceTexture& texture);
  /// A frame without a face.
  void skip() { have_ = 0; }

  struct Result {
    double mouth_detail = 0;
    std::array<std::array<double, 3>, kSkinPatches> skin{};  // mean CIELAB
    double seam = 0;
    std::optional<double> flicker;  // nothing before the third frame in a row
  };
  std::optional<Result> result() const;

 private:
  std::int64_t count_ = 0;
  double detail_ = 0;
  std::array<std::array<double, 3>, kSkinPatches> skin_{};
  std::array<double, kSeamContours> steps_{};
  int have_ = 0;
  std::array<std::array<float, kSkinPatches>, 2> last_{};
  double flicker_ = 0;
  std::int64_t flickers_ = 0;
};

/// Mean distance (CIE76) of the lower face's patches.
double colour_error(const TextureMeter::Result& a, const TextureMeter::Result& b);

}  // namespace visema
