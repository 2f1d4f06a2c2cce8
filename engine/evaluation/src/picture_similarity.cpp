#include "visema/evaluation/picture_similarity.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "visema/core/face_points.h"
#include "visema/renderer/face_crop.h"

namespace visema {
namespace {

constexpr int kTaps = 11;
constexpr double kDeviation = 1.5;
constexpr float kC1 = (0.01F * 255) * (0.01F * 255);
constexpr float kC2 = (0.03F * 255) * (0.03F * 255);
constexpr int kShorterSide = 256;
constexpr std::array<double, 5> kExponents = {0.0448, 0.2856, 0.3001, 0.2363, 0.1333};

/// A grey picture of floats.
struct Plane {
  int width = 0;
  int height = 0;
  std::vector<float> v;
  Plane(int w, int h) : width(w), height(h), v(static_cast<std::size_t>(w) * h) {}
  const float* row(int y) const { return &v[static_cast<std::size_t>(y) * width]; }
  float* row(int y) { return &v[static_cast<std::size_t>(y) * width]; }
};

/// BT.601 luma, each value the mean of factor x factor pixels.
Plane luma_of(const Image& image, int factor) {
  Plane plane(image.width / factor, image.height / factor);
  const float share = 1.0F / static_cast<float>(factor * factor);
  for (int y = 0; y < plane.height; ++y)
    for (int x = 0; x < plane.width; ++x) {
      int sum = 0;
      for (int j = 0; j < factor; ++j) {
        const std::uint8_t* p = image.at(x * factor, y * factor + j);
        for (int i = 0; i < factor; ++i, p += 3) sum += 77 * p[0] + 150 * p[1] + 29 * p[2];
      }
      plane.row(y)[x] = static_cast<float>(sum) * share / 256;
    }
  return plane;
}

Plane half(const Plane& from) {
  Plane to(from.width / 2, from.height / 2);
  for (int y = 0; y < to.height; ++y) {
    const float* a = from.row(2 * y);
    const float* b = from.row(2 * y + 1);
    for (int x = 0; x < to.width; ++x)
      to.row(y)[x] = 0.25F * (a[2 * x] + a[2 * x + 1] + b[2 * x] + b[2 * x + 1]);
  }
  return to;
}

const std::array<float, kTaps>& window() {
  static const std::array<float, kTaps> kWindow = [] {
    std::array<float, kTaps> w{};
    double sum = 0;
    for (int i = 0; i < kTaps; ++i) {
      const int from_middle = i - kTaps / 2;
      const double d = from_middle / kDeviation;
      w[i] = static_cast<float>(std::exp(-0.5 * d * d));
      sum += w[i];
    }
    for (float& value : w) value /= static_cast<float>(sum);
    return w;
  }();
  return kWindow;
}

/// Structure and luminance terms of SSIM, means over all whole windows.
struct Terms {
  double ssim = 1;
  double structure = 1;
};

Terms terms_of(const Plane& a, const Plane& b) {
  const int width = a.width - kTaps + 1;
  const int height = a.height - kTaps + 1;
  if (width < 1 || height < 1) return {};
  const auto& w = window();
  // Rows of a, b, a*a, b*b and a*b, filtered across, for the last kTaps rows.
  constexpr int kMaps = 5;
  const auto stride = static_cast<std::size_t>(width);
  std::vector<float> across(kMaps * kTaps * stride);
  std::vector<float> products(kMaps * static_cast<std::size_t>(a.width));
  std::vector<float> sums(kMaps * stride);
  double ssim = 0;
  double structure = 0;
  for (int y = 0; y < a.height; ++y) {
    const float* pa = a.row(y);
    const float* pb = b.row(y);
    const auto n = static_cast<std::size_t>(a.width);
    for (std::size_t x = 0; x < n; ++x) {
      products[x] = pa[x];
      products[n + x] = pb[x];
      products[2 * n + x] = pa[x] * pa[x];
      products[3 * n + x] = pb[x] * pb[x];
      products[4 * n + x] = pa[x] * pb[x];
    }
    for (int m = 0; m < kMaps; ++m) {
      float* out = &across[(static_cast<std::size_t>(m) * kTaps + y % kTaps) * stride];
      std::fill_n(out, stride, 0.0F);
      for (int k = 0; k < kTaps; ++k) {
        const float* in = &products[static_cast<std::size_t>(m) * n + k];
        for (std::size_t x = 0; x < stride; ++x) out[x] += w[k] * in[x];
      }
    }
    if (y < kTaps - 1) continue;
    std::fill(sums.begin(), sums.end(), 0.0F);
    for (int m = 0; m < kMaps; ++m)
      for (int k = 0; k < kTaps; ++k) {
        const float* in =
            &across[(static_cast<std::size_t>(m) * kTaps + (y + 1 + k) % kTaps) * stride];
        float* out = &sums[static_cast<std::size_t>(m) * stride];
        for (std::size_t x = 0; x < stride; ++x) out[x] += w[k] * in[x];
      }
    float row_ssim = 0;
    float row_structure = 0;
    for (std::size_t x = 0; x < stride; ++x) {
      const float ma = sums[x];
      const float mb = sums[stride + x];
      const float va = sums[2 * stride + x] - ma * ma;
      const float vb = sums[3 * stride + x] - mb * mb;
      const float vab = sums[4 * stride + x] - ma * mb;
      const float s = (2 * vab + kC2) / (va + vb + kC2);
      row_structure += s;
      row_ssim += s * (2 * ma * mb + kC1) / (ma * ma + mb * mb + kC1);
    }
    ssim += row_ssim;
    structure += row_structure;
  }
  const double count = static_cast<double>(width) * height;
  return {ssim / count, structure / count};
}

}  // namespace

Similarity compare(const Image& a, const Image& b) {
  Similarity result;
  double error = 0;
  for (std::size_t i = 0; i < a.rgb.size();) {
    std::int32_t sum = 0;
    const std::size_t end = std::min(a.rgb.size(), i + 8192);
    for (; i < end; ++i) {
      const int d = static_cast<int>(a.rgb[i]) - static_cast<int>(b.rgb[i]);
      sum += d * d;
    }
    error += sum;
  }
  result.mse = a.rgb.empty() ? 0 : error / static_cast<double>(a.rgb.size());
  const int factor = std::max(
      1, static_cast<int>(std::lround(std::min(a.width, a.height) / double{kShorterSide})));
  Plane pa = luma_of(a, factor);
  Plane pb = luma_of(b, factor);
  double log_product = 0;
  double exponents = 0;
  for (std::size_t scale = 0; scale < kExponents.size(); ++scale) {
    const Terms terms = terms_of(pa, pb);
    if (scale == 0) result.ssim = terms.ssim;
    const bool last = scale + 1 == kExponents.size() || std::min(pa.width, pa.height) / 2 < kTaps;
    // The luminance term counts at the coarsest scale only.
    log_product +=
        kExponents[scale] * std::log(std::max(1e-6, last ? terms.ssim : terms.structure));
    exponents += kExponents[scale];
    if (last) break;
    pa = half(pa);
    pb = half(pb);
  }
  result.ms_ssim = std::exp(log_product / exponents);
  return result;
}

double psnr_db(double mse) {
  return mse <= 0 ? 100 : std::min(100.0, 10 * std::log10(255.0 * 255.0 / mse));
}

PictureBox face_box(const FaceMesh& px) {
  float x0 = 1e9F, y0 = 1e9F, x1 = -1e9F, y1 = -1e9F;
  for (const std::uint16_t i : kFaceOval) {
    x0 = std::min(x0, px[i].x);
    y0 = std::min(y0, px[i].y);
    x1 = std::max(x1, px[i].x);
    y1 = std::max(y1, px[i].y);
  }
  const float side = 1.1F * std::max(x1 - x0, y1 - y0);
  return {(x0 + x1 - side) / 2, (y0 + y1 - side) / 2, side};
}

PictureBox mouth_box(const FaceMesh& px) {
  const Point3& right = px[kOuterLips[0]];
  const Point3& left = px[kOuterLips[kOuterLips.size() / 2]];
  const Point3& top = px[0];
  const Point3& bottom = px[17];
  const float side = 1.6F * std::max(std::hypot(left.x - right.x, left.y - right.y),
                                     std::hypot(bottom.x - top.x, bottom.y - top.y));
  return {(right.x + left.x - side) / 2, (top.y + bottom.y - side) / 2, side};
}

Image cut(const Image& picture, const PictureBox& box, int size) {
  const float scale = static_cast<float>(size) / std::max(1.0F, box.side);
  return extract_crop(picture, {scale, 0, -scale * box.x, -scale * box.y}, size);
}

Image resized(const Image& picture, int width, int height) {
  if (picture.width == width && picture.height == height) return picture;
  Image result(width, height);
  const double sx = static_cast<double>(picture.width) / width;
  const double sy = static_cast<double>(picture.height) / height;
  const int nx = std::max(1, static_cast<int>(std::lround(sx)));
  const int ny = std::max(1, static_cast<int>(std::lround(sy)));
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x) {
      std::array<double, 3> sum{};
      for (int j = 0; j < ny; ++j)
        for (int i = 0; i < nx; ++i) {
          const double px = std::clamp((x + (i + 0.5) / nx) * sx - 0.5, 0.0, picture.width - 1.0);
          const double py = std::clamp((y + (j + 0.5) / ny) * sy - 0.5, 0.0, picture.height - 1.0);
          const int x0 = static_cast<int>(px), y0 = static_cast<int>(py);
          const int x1 = std::min(x0 + 1, picture.width - 1);
          const int y1 = std::min(y0 + 1, picture.height - 1);
          const double ax = px - x0, ay = py - y0;
          for (int c = 0; c < 3; ++c)
            sum[c] += (1 - ay) * ((1 - ax) * picture.at(x0, y0)[c] + ax * picture.at(x1, y0)[c]) +
                      ay * ((1 - ax) * picture.at(x0, y1)[c] + ax * picture.at(x1, y1)[c]);
        }
      for (int c = 0; c < 3; ++c)
        result.at(x, y)[c] = static_cast<std::uint8_t>(std::lround(sum[c] / (nx * ny)));
    }
  return result;
}

void SimilarityMean::push(const Similarity& one) {
  sum_.mse += one.mse;
  sum_.ssim += one.ssim;
  sum_.ms_ssim += one.ms_ssim;
  ++count_;
}

std::optional<SimilarityMean::Result> SimilarityMean::result() const {
  if (count_ == 0) return std::nullopt;
  const double n = static_cast<double>(count_);
  return Result{psnr_db(sum_.mse / n), sum_.ssim / n, sum_.ms_ssim / n};
}

}  // namespace visema
