#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "visema/core/image.h"

namespace visema {

/// Side of the picture that the matte network sees, and of its matte.
inline constexpr int kMatteSide = 256;

/// What stands behind the person.
struct Background {
  enum class Kind { kBlur, kColour, kPicture, kNone };
  Kind kind = Kind::kBlur;
  std::array<std::uint8_t, 3> colour{};
  Image picture;  // kPicture: of the frame's size
};

/// r g b in 0..1 of the picture squeezed to kMatteSide x kMatteSide, each number the mean of its
/// area.
std::vector<float> matte_input(const Image& picture);

/// The middle of a picture, scaled so that it fills width x height.
Image filling(const Image& picture, int width, int height);

/// The person in a picture: how much of each pixel it is, and the colours that person and
/// surroundings have near their border, where a pixel shows both. Immutable.
class Cutout {
 public:
  /// `small`: matte_input() of the picture; `matte`: the share of the person in each of its pixels,
  /// 0..1. The border is drawn anew from the picture's own edges.
  Cutout(const Image& picture, std::span<const float> small, std::span<const float> matte);
  ~Cutout();
  Cutout(Cutout&&) noexcept;
  Cutout& operator=(Cutout&&) noexcept;

  /// 0..255 in all three channels, the picture's size.
  const Image& share() const { return share_; }
  /// Puts the background behind the person in `frame`, the picture after a little motion; `share`
  /// has moved with it. kNone leaves the person's own colours, spread beyond it: what `share` is
  /// the transparency for.
  void put_before(const Background& background, const Image& share, Image& frame) const;

 private:
  struct Colours;
  Image share_;
  std::unique_ptr<const Colours> colours_;
};

}  // namespace visema
