#include "background.h"

#include <charconv>
#include <exception>
#include <optional>
#include <string_view>

#include "visema/core/error.h"
#include "visema/media/video_reader.h"

namespace visema::session {
namespace {

/// #RRGGBB
std::optional<std::array<std::uint8_t, 3>> colour_of(std::string_view text) {
  if (text.size() != 7 || text.front() != '#') return std::nullopt;
  std::array<std::uint8_t, 3> colour{};
  for (std::size_t c = 0; c < 3; ++c) {
    const char* begin = text.data() + 1 + 2 * c;
    const auto [end, error] = std::from_chars(begin, begin + 2, colour[c], 16);
    if (error != std::errc() || end != begin + 2) return std::nullopt;
  }
  return colour;
}

Image read_background(const std::string& path) {
  try {
    return read_image(path);
  } catch (const Error&) {
    std::throw_with_nested(
        Error(ErrorCode::kInput, path + ": the background cannot be read; must "
                                        "be keep, blur, none, #RRGGBB or a picture"));
  }
}

}  // namespace

std::vector<std::uint8_t> alpha_of(const Image& share) {
  std::vector<std::uint8_t> alpha(share.rgb.size() / 3);
  for (std::size_t i = 0; i < alpha.size(); ++i) alpha[i] = share.rgb[3 * i];
  return alpha;
}

std::shared_ptr<const Background> background_of(const std::string& text, int width, int height) {
  if (text == "keep") return nullptr;
  Background background;
  if (text == "blur") {
    background.kind = Background::Kind::kBlur;
  } else if (text == "none") {
    background.kind = Background::Kind::kNone;
  } else if (const auto colour = colour_of(text)) {
    background.kind = Background::Kind::kColour;
    background.colour = *colour;
  } else {
    background.kind = Background::Kind::kPicture;
    background.picture = filling(read_background(text), width, height);
  }
  return std::make_shared<const Background>(std::move(background));
}

}  // namespace visema::session
