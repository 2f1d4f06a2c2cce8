#include "visema/evaluation/face_texture.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

#include "median.h"
#include "visema/renderer/face_crop.h"

namespace visema {
namespace {

/// Cheeks and chin, then forehead, temples and nose: places without hair, lips or eyes.
constexpr std::array<std::uint16_t, kSkinPatches> kPatches = {50,  280, 205, 425, 199,
                                                              151, 9,   195, 117, 346};
constexpr std::size_t kLowerPatches = 5;
constexpr float kPatchUnits = 0.06F;  // side of a patch, canonical units

constexpr int kMouthLeft = 46;  // of the mouth in the face crop, pixels
constexpr int kMouthTop = 40;
constexpr int kMouthWidth = 100;
constexpr int kMouthHeight = 80;

// Contours: circles about the mouth's middle in the face crop, from the lips to the jaw.
constexpr float kCentreX = 96;
constexpr float kCentreY = 84;
constexpr float kFirstRadius = 36;
constexpr float kRadiusStep = 2.5F;
constexpr int kAngles = 72;
constexpr float kStepWidth = 2;        // pixels on either side of a contour
constexpr std::size_t kNeighbour = 2;  // contours from one to those that it is compared with
constexpr double kSmallestStep = 0.5;  // luma levels added to both, so that smooth skin has no seam

template <typename T>
float luma(const T* p) {
  return 0.299F * p[0] + 0.587F * p[1] + 0.114F * p[2];
}

/// sRGB to CIELAB, D65 (IEC 61966-2-1, CIE 15).
std::array<float, 3> lab_of(const std::array<float, 3>& srgb) {
  std::array<double, 3> linear{};
  for (int i = 0; i < 3; ++i) {
    const double c = srgb[i] / 255;
    linear[i] = c <= 0.04045 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4);
  }
  const auto [r, g, b] = linear;
  const auto f = [](double t) {
    return t > 216.0 / 24389 ? std::cbrt(t) : (24389.0 / 27 * t + 16) / 116;
  };
  const double x = f((0.4124564 * r + 0.3575761 * g + 0.1804375 * b) / 0.95047);
  const double y = f(0.2126729 * r + 0.7151522 * g + 0.0721750 * b);
  const double z = f((0.0193339 * r + 0.1191920 * g + 0.9503041 * b) / 1.08883);
  return {static_cast<float>(116 * y - 16), static_cast<float>(500 * (x - y)),
          static_cast<float>(200 * (y - z))};
}

/// Mean colour of the square around a point.
std::array<float, 3> patch_colour(const Image& picture, Point3 p, float side) {
  const int reach = std::max(1, static_cast<int>(std::lround(side / 2)));
  const int x0 = std::clamp(static_cast<int>(p.x) - reach, 0, picture.width - 1);
  const int y0 = std::clamp(static_cast<int>(p.y) - reach, 0, picture.height - 1);
  const int x1 = std::clamp(static_cast<int>(p.x) + reach, 0, picture.width - 1);
  const int y1 = std::clamp(static_cast<int>(p.y) + reach, 0, picture.height - 1);
  std::array<float, 3> sum{};
  for (int y = y0; y <= y1; ++y)
    for (int x = x0; x <= x1; ++x)
      for (int c = 0; c < 3; ++c) sum[c] += picture.at(x, y)[c];
  for (float& c : sum) c /= static_cast<float>((x1 - x0 + 1) * (y1 - y0 + 1));
  return sum;
}

/// Luma of the crop, smoothed by 1 2 1 in both directions so that noise counts little.
std::vector<float> smooth_luma(const Image& crop) {
  const int n = crop.width;
  std::vector<float> grey(crop.rgb.size() / 3);
  for (std::size_t i = 0; i < grey.size(); ++i) grey[i] = luma(&crop.rgb[i * 3]);
  std::vector<float> across = grey;
  for (int y = 0; y < n; ++y)
    for (int x = 1; x + 1 < n; ++x) {
      const float* p = &grey[static_cast<std::size_t>(y) * n + x];
      across[static_cast<std::size_t>(y) * n + x] = 0.25F * (p[-1] + 2 * p[0] + p[1]);
    }
  std::vector<float> both = across;
  for (int y = 1; y + 1 < n; ++y)
    for (int x = 0; x < n; ++x) {
      const float* p = &across[static_cast<std::size_t>(y) * n + x];
      both[static_cast<std::size_t>(y) * n + x] = 0.25F * (p[-n] + 2 * p[0] + p[n]);
    }
  return both;
}

double detail_of(const std::vector<float>& grey, int n) {
  double sum = 0;
  for (int y = kMouthTop; y < kMouthTop + kMouthHeight; ++y)
    for (int x = kMouthLeft; x < kMouthLeft + kMouthWidth; ++x) {
      const float* p = &grey[static_cast<std::size_t>(y) * n + x];
      const float laplacian = p[-1] + p[1] + p[-n] + p[n] - 4 * p[0];
      sum += laplacian * laplacian;
    }
  return std::sqrt(sum / (kMouthWidth * kMouthHeight));
}

float sample(const std::vector<float>& grey, int n, float x, float y) {
  const int ix = std::clamp(static_cast<int>(x), 0, n - 1);
  const int iy = std::clamp(static_cast<int>(y), 0, n - 1);
  return grey[static_cast<std::size_t>(iy) * n + ix];
}

}  // namespace

FaceTexture describe_texture(const Image& picture, const TrackedFace& face) {
  FaceTexture texture;
  const Image crop = extract_crop(picture, crop_from_picture(face.pose), kCropSize);
  const std::vector<float> grey = smooth_luma(crop);
  texture.mouth_detail = detail_of(grey, kCropSize);
  for (std::size_t i = 0; i < kSkinPatches; ++i) {
    const auto colour =
        patch_colour(picture, face.mesh[kPatches[i]], kPatchUnits * face.pose.scale);
    texture.skin[i] = lab_of(colour);
    texture.luma[i] = luma(colour.data());
  }
  for (std::size_t c = 0; c < kSeamContours; ++c) {
    const float radius = kFirstRadius + kRadiusStep * static_cast<float>(c);
    float sum = 0;
    for (int a = 0; a < kAngles; ++a) {
      const float angle = 2 * std::numbers::pi_v<float> * static_cast<float>(a) / kAngles;
      const float x = std::cos(angle);
      const float y = std::sin(angle);
      sum += std::abs(sample(grey, kCropSize, kCentreX + (radius + kStepWidth) * x,
                             kCentreY + (radius + kStepWidth) * y) -
                      sample(grey, kCropSize, kCentreX + (radius - kStepWidth) * x,
                             kCentreY + (radius - kStepWidth) * y));
    }
    texture.steps[c] = sum / kAngles;
  }
  return texture;
}

void TextureMeter::push(const FaceTexture& texture) {
  ++count_;
  detail_ += texture.mouth_detail;
  for (std::size_t i = 0; i < kSkinPatches; ++i)
    for (int c = 0; c < 3; ++c) skin_[i][c] += texture.skin[i][c];
  for (std::size_t i = 0; i < kSeamContours; ++i) steps_[i] += texture.steps[i];
  if (have_ == 2) {
    std::vector<float> change(kSkinPatches);
    for (std::size_t i = 0; i < kSkinPatches; ++i)
      change[i] = std::abs(last_[0][i] - 0.5F * (last_[1][i] + texture.luma[i]));
    flicker_ += median(std::move(change));
    ++flickers_;
  }
  last_[1] = last_[0];
  last_[0] = texture.luma;
  have_ = std::min(2, have_ + 1);
}

std::optional<TextureMeter::Result> TextureMeter::result() const {
  if (count_ == 0) return std::nullopt;
  const double n = static_cast<double>(count_);
  Result result;
  result.mouth_detail = detail_ / n;
  for (std::size_t i = 0; i < kSkinPatches; ++i)
    for (int c = 0; c < 3; ++c) result.skin[i][c] = skin_[i][c] / n;
  for (std::size_t i = kNeighbour; i + kNeighbour < kSeamContours; ++i) {
    const double beside = 0.5 * (steps_[i - kNeighbour] + steps_[i + kNeighbour]) / n;
    result.seam =
        std::max(result.seam, (steps_[i] / n + kSmallestStep) / (beside + kSmallestStep) - 1);
  }
  if (flickers_ > 0) result.flicker = flicker_ / static_cast<double>(flickers_);
  return result;
}

double colour_error(const TextureMeter::Result& a, const TextureMeter::Result& b) {
  double sum = 0;
  for (std::size_t i = 0; i < kLowerPatches; ++i)
    sum += std::hypot(a.skin[i][0] - b.skin[i][0], a.skin[i][1] - b.skin[i][1],
                      a.skin[i][2] - b.skin[i][2]);
  return sum / kLowerPatches;
}

}  // namespace visema
