#pragma once

#include <span>

#include "visema/core/image.h"
#include "visema/core/landmark_frame.h"
#include "visema/renderer/motion_field.h"

namespace visema {

/// Side of the faces that IP-LAP sees and paints, pixels.
inline constexpr int kIplapFaceSize = 128;
inline constexpr int kIplapFacePixels = kIplapFaceSize * kIplapFaceSize;

/// Margin around the points of a face that stands for "by the size of the face".
inline constexpr int kIplapMarginAuto = -1;
/// The margin of published inference, pixels.
inline constexpr int kIplapMarginPx = 25;

/// IP-LAP's crop: the box around its points and a margin on each side, cut to the picture.
/// kIplapMarginAuto takes kIplapMarginPx within 1/25 and 1/10 of the box's longer side. Empty when
/// less than 16 pixels a side are left.
PixelBox iplap_crop(std::span<const Point2> points, int margin_px, int width, int height);

/// The crop at 128 x 128 as planes b g r in 0..1, the order of OpenCV's pictures, on which IP-LAP
/// was trained; sampled as OpenCV does, two neighbours each way.
void extract_iplap_face(const Image& picture, const PixelBox& crop, std::span<float> planes);

/// Replaces the face of a picture by planes b g r as extract_iplap_face() gives them: all within
/// the contour of jaw and brows, fading over a few pixels of the painted face. Pixels outside the
/// crop keep every bit. `mesh`: of the face in the picture; `strength`: 0..1 of the planes.
void paste_iplap_face(Image& picture, const PixelBox& crop, const FaceMesh& mesh,
                      std::span<const float> planes, float strength = 1);

}  // namespace visema
