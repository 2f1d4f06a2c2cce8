#include "visema/renderer/iplap_face.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <vector>

#include "float_picture.h"
#include "visema/renderer/mouth_mask.h"

namespace visema {
namespace {

constexpr int kSize = kIplapFaceSize;
constexpr int kLeastCropPx = 16;
constexpr float kLeastMargin = 1.0F / 25;  // of the longer side of the points' box
constexpr float kMostMargin = 1.0F / 10;
/// Half the width of the pasted face's soft edge, pixels of the painted face.
constexpr float kFeather = 4;
constexpr float kLeastAlpha = 1.0F / 1024;

/// Upper edge of the brows from the person's right, temple, jaw from the left, temple: clockwise.
constexpr std::array<std::uint16_t, 33> kContour = {
    70,  63,  105, 66,  107, 336, 296, 334, 293, 300, 356, 454, 323, 361, 288, 397, 365,
    379, 378, 400, 377, 152, 148, 176, 149, 150, 136, 172, 58,  132, 93,  234, 127};

float margin_of(int margin_px, float longer_side) {
  if (margin_px != kIplapMarginAuto) return static_cast<float>(margin_px);
  return std::clamp(static_cast<float>(kIplapMarginPx), kLeastMargin * longer_side,
                    kMostMargin * longer_side);
}

/// Where the centre of a pixel lies after the picture was resized.
Point2 resized(int x, int y, float scale_x, float scale_y) {
  return {(static_cast<float>(x) + 0.5F) * scale_x, (static_cast<float>(y) + 0.5F) * scale_y};
}

/// How much of each pixel of the painted face is taken, 0..1.
std::vector<float> contour_mask(const PixelBox& crop, const FaceMesh& mesh) {
  const float scale_x = static_cast<float>(kSize) / static_cast<float>(crop.width());
  const float scale_y = static_cast<float>(kSize) / static_cast<float>(crop.height());
  std::array<Point2, kContour.size()> contour;
  for (std::size_t i = 0; i < contour.size(); ++i) {
    const Point3& p = mesh[kContour[i]];
    contour[i] = {(p.x - static_cast<float>(crop.x0)) * scale_x,
                  (p.y - static_cast<float>(crop.y0)) * scale_y};
  }
  std::vector<float> mask(kIplapFacePixels);
  contour_distance(contour, kSize, kFeather, mask);
  for (int y = 0; y < kSize; ++y)
    for (int x = 0; x < kSize; ++x) {
      float& m = mask[static_cast<std::size_t>(y) * kSize + x];
      const auto border = static_cast<float>(std::min({x, y, kSize - 1 - x, kSize - 1 - y}));
      const float inside = std::min((m + kFeather) / (2 * kFeather), border / kFeather);
      const float t = std::clamp(inside, 0.0F, 1.0F);
      m = t * t * (3 - 2 * t);
    }
  return mask;
}

}  // namespace

PixelBox iplap_crop(std::span<const Point2> points, int margin_px, int width, int height) {
  float x0 = 1e9F, y0 = 1e9F, x1 = -1e9F, y1 = -1e9F;
  for (const Point2 p : points) {
    if (!std::isfinite(p.x + p.y)) return {};
    x0 = std::min(x0, p.x);
    x1 = std::max(x1, p.x);
    y0 = std::min(y0, p.y);
    y1 = std::max(y1, p.y);
  }
  const float margin = margin_of(margin_px, std::max(x1 - x0, y1 - y0));
  const auto pixel = [](float v, int limit) {
    return static_cast<int>(std::clamp(v, 0.0F, static_cast<float>(limit)));
  };
  const PixelBox crop = {pixel(x0 - margin, width), pixel(y0 - margin, height),
                         pixel(x1 + margin, width), pixel(y1 + margin, height)};
  return std::min(crop.width(), crop.height()) < kLeastCropPx ? PixelBox{} : crop;
}

void extract_iplap_face(const Image& picture, const PixelBox& crop, std::span<float> planes) {
  const FloatPicture source(picture, crop);
  const float scale_x = static_cast<float>(crop.width()) / kSize;
  const float scale_y = static_cast<float>(crop.height()) / kSize;
  for (int y = 0; y < kSize; ++y)
    for (int x = 0; x < kSize; ++x) {
      const Point2 p = resized(x, y, scale_x, scale_y);
      const Vec4 colour =
          source.bilinear({p.x + static_cast<float>(crop.x0), p.y + static_cast<float>(crop.y0)});
      for (int c = 0; c < 3; ++c)
        planes[static_cast<std::size_t>(2 - c) * kIplapFacePixels + y * kSize + x] =
            static_cast<float>(to_byte(colour[c])) / 255;
    }
}

void paste_iplap_face(Image& picture, const PixelBox& crop, const FaceMesh& mesh,
                      std::span<const float> planes, float strength) {
  std::vector<float> painted(std::size_t{4} * kIplapFacePixels);
  for (int c = 0; c < 3; ++c)
    for (int i = 0; i < kIplapFacePixels; ++i) {
      const float v = planes[static_cast<std::size_t>(2 - c) * kIplapFacePixels + i];
      // What is not finite becomes 0.
      painted[static_cast<std::size_t>(c) * kIplapFacePixels + i] =
          v > 0 ? 255 * std::min(v, 1.0F) : 0;
    }
  const std::vector<float> mask = contour_mask(crop, mesh);
  std::copy(mask.begin(), mask.end(), painted.begin() + std::ptrdiff_t{3} * kIplapFacePixels);
  const FloatPicture face(painted, kSize);

  const float scale_x = static_cast<float>(kSize) / static_cast<float>(crop.width());
  const float scale_y = static_cast<float>(kSize) / static_cast<float>(crop.height());
  for (int y = 0; y < crop.height(); ++y)
    for (int x = 0; x < crop.width(); ++x) {
      const Vec4 colour = face.bilinear(resized(x, y, scale_x, scale_y));
      const float alpha = strength * colour[3];
      if (alpha <= kLeastAlpha) continue;
      std::uint8_t* pixel = picture.at(crop.x0 + x, crop.y0 + y);
      for (int c = 0; c < 3; ++c) {
        const auto old = static_cast<float>(pixel[c]);
        pixel[c] = to_byte(old + alpha * (colour[c] - old));
      }
    }
}

}  // namespace visema
