#include "visema/renderer/cutout.h"

#include <algorithm>
#include <cassert>

#include "guided_matte.h"

namespace visema {
namespace {

constexpr int kSide = kMatteSide;
constexpr std::size_t kArea = static_cast<std::size_t>(kSide) * kSide;
/// Over which the colours of one side are spread to the other, and of the blur, in small pixels.
constexpr int kSpread = 8;
constexpr int kBlur = 7;
constexpr int kBlurPasses = 3;
/// Shares of a pixel below the first and above the second are none and all of it.
constexpr float kNone = 0.06F;
constexpr float kAll = 0.94F;

/// r g b and the matte, 0..1.
Plane guide_of(std::span<const float> small, std::span<const float> matte) {
  Plane guide;
  guide.reserve(kArea);
  for (std::size_t i = 0; i < kArea; ++i)
    guide.push_back(Vec4{small[3 * i], small[3 * i + 1], small[3 * i + 2], matte[i]});
  return guide;
}

enum class Side { kPerson, kRest };

/// The mean colour of one side, spread over the other, 0..255.
FloatPicture spread(const Plane& guide, Side side, int radius, int passes) {
  constexpr float kLeastWeight = 1e-3F;  // where that side is not near: the picture's own colour
  Plane sum;
  sum.reserve(kArea);
  for (const Vec4 p : guide) {
    // A pixel that is half one and half the other tells nothing of the colour of either.
    const float share = side == Side::kPerson ? p[3] : 1 - p[3];
    const float weight = share * share * share * share + kLeastWeight;
    sum.push_back(Vec4{p[0] * weight, p[1] * weight, p[2] * weight, weight});
  }
  for (int pass = 0; pass < passes; ++pass) sum = box_mean(sum, kSide, radius);
  for (Vec4& p : sum) p *= broadcast(255 / p[3]);
  return {sum, kSide};
}

/// Places of the small picture for the pixels of one row of a picture.
struct SmallRow {
  SmallRow(const Image& picture, int y)
      : step(static_cast<float>(kSide) / static_cast<float>(picture.width)),
        y((static_cast<float>(y) + 0.5F) * kSide / static_cast<float>(picture.height)) {}
  Point2 at(int x) const { return {(static_cast<float>(x) + 0.5F) * step, y}; }
  float step, y;
};

Image refined(const Image& picture, const FloatPicture& line) {
  Image share(picture.width, picture.height);
  for (int y = 0; y < picture.height; ++y) {
    const SmallRow row(picture, y);
    for (int x = 0; x < picture.width; ++x) {
      const Vec4 l = line.bilinear(row.at(x));
      const std::uint8_t* pixel = picture.at(x, y);
      const float matte = (l[0] * pixel[0] + l[1] * pixel[1] + l[2] * pixel[2]) / 255 + l[3];
      const std::uint8_t value = to_byte(255 * (matte - kNone) / (kAll - kNone));
      std::fill_n(share.at(x, y), 3, value);
    }
  }
  return share;
}

Vec4 colour_of(const std::uint8_t* pixel) {
  return Vec4{static_cast<float>(pixel[0]), static_cast<float>(pixel[1]),
              static_cast<float>(pixel[2]), 0};
}

}  // namespace

std::vector<float> matte_input(const Image& picture) {
  assert(!picture.empty());
  std::vector<float> small(3 * kArea);
  const auto part = [](int i, int size) {
    const int begin = static_cast<int>(static_cast<std::int64_t>(i) * size / kSide);
    const int end = static_cast<int>(static_cast<std::int64_t>(i + 1) * size / kSide);
    return std::pair(begin, std::max(begin + 1, end));
  };
  for (int y = 0; y < kSide; ++y) {
    const auto [top, bottom] = part(y, picture.height);
    for (int x = 0; x < kSide; ++x) {
      const auto [left, right] = part(x, picture.width);
      int sum[3] = {};
      for (int v = top; v < bottom; ++v)
        for (int u = left; u < right; ++u)
          for (int c = 0; c < 3; ++c) sum[c] += picture.at(u, v)[c];
      const auto by = 255.0F * static_cast<float>((bottom - top) * (right - left));
      for (int c = 0; c < 3; ++c)
        small[(static_cast<std::size_t>(y) * kSide + x) * 3 + c] = static_cast<float>(sum[c]) / by;
    }
  }
  return small;
}

struct Cutout::Colours {
  FloatPicture person, near, far;  // 0..255; far: surroundings out of focus
};

Cutout::Cutout(const Image& picture, std::span<const float> small, std::span<const float> matte) {
  assert(small.size() == 3 * kArea && matte.size() == kArea);
  const Plane guide = guide_of(small, matte);
  share_ = refined(picture, guided_matte(guide, kSide));
  colours_ = std::make_unique<const Colours>(
      Colours{spread(guide, Side::kPerson, kSpread, 1), spread(guide, Side::kRest, kSpread, 1),
              spread(guide, Side::kRest, kBlur, kBlurPasses)});
}

Cutout::~Cutout() = default;
Cutout::Cutout(Cutout&&) noexcept = default;
Cutout& Cutout::operator=(Cutout&&) noexcept = default;

/// The person's colour F of a mixed pixel I = a F + (1 - a) B: what both sides' colours do not
/// explain is the person's in the measure that the pixel is (Forte, Pitie: F, B, Alpha Matting,
/// 2020, fusion of the estimates).
void Cutout::put_before(const Background& background, const Image& share, Image& frame) const {
  constexpr std::uint8_t kWhole = 255;
  const bool none = background.kind == Background::Kind::kNone;
  for (int y = 0; y < frame.height; ++y) {
    const SmallRow row(frame, y);
    for (int x = 0; x < frame.width; ++x) {
      const std::uint8_t part = *share.at(x, y);
      if (part == kWhole) continue;
      std::uint8_t* pixel = frame.at(x, y);
      Vec4 behind{};
      if (background.kind == Background::Kind::kBlur)
        behind = colours_->far.bilinear(row.at(x));
      else if (background.kind == Background::Kind::kColour)
        behind = colour_of(background.colour.data());
      else if (background.kind == Background::Kind::kPicture)
        behind = colour_of(background.picture.at(x, y));
      if (part > 0) {
        const Vec4 a = broadcast(static_cast<float>(part) / kWhole), one = broadcast(1);
        const Vec4 person = colours_->person.bilinear(row.at(x));
        const Vec4 near = colours_->near.bilinear(row.at(x));
        const Vec4 front = person + a * (colour_of(pixel) - a * person - (one - a) * near);
        behind = none ? front : a * front + (one - a) * behind;
      } else if (none) {
        behind = colours_->person.bilinear(row.at(x));
      }
      store(behind, pixel);
    }
  }
}

}  // namespace visema
