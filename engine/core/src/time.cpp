#include "visema/core/time.h"

#include <charconv>
#include <numeric>

#include "visema/core/error.h"

namespace visema {
namespace {

__extension__ using Wide = __int128;

/// floor(a / b) for b > 0.
std::int64_t floor_div(Wide a, Wide b) {
  Wide quotient = a / b;
  if (a % b < 0) --quotient;
  return static_cast<std::int64_t>(quotient);
}

bool parse_digits(std::string_view text, std::int64_t& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() && value >= 0 && !text.empty() &&
         text.size() <= 9;
}

[[noreturn]] void refuse(std::string_view text) {
  throw Error(ErrorCode::kUsage, "frame rate \"" + std::string(text) +
                                     "\": must be a number or a fraction such as 25, 29.97 or "
                                     "30000/1001, from 1 to 240 frames a second");
}

}  // namespace

Rational parse_frame_rate(std::string_view text) {
  Rational rate{0, 1};
  if (const auto slash = text.find('/'); slash != std::string_view::npos) {
    if (!parse_digits(text.substr(0, slash), rate.num) ||
        !parse_digits(text.substr(slash + 1), rate.den))
      refuse(text);
  } else if (const auto dot = text.find('.'); dot != std::string_view::npos) {
    const auto decimals = text.substr(dot + 1);
    std::int64_t fraction = 0;
    if (decimals.size() > 4 || !parse_digits(text.substr(0, dot), rate.num) ||
        !parse_digits(decimals, fraction))
      refuse(text);
    for (std::size_t i = 0; i < decimals.size(); ++i) rate.den *= 10;
    rate.num = rate.num * rate.den + fraction;
  } else if (!parse_digits(text, rate.num)) {
    refuse(text);
  }
  if (rate.den == 0 || rate.num < rate.den || rate.num > 240 * rate.den) refuse(text);
  const auto divisor = std::gcd(rate.num, rate.den);
  return {rate.num / divisor, rate.den / divisor};
}

std::string to_string(Rational rate) {
  const std::string num = std::to_string(rate.num);
  return rate.den == 1 ? num : num + "/" + std::to_string(rate.den);
}

SampleIndex frame_start(FrameIndex frame, std::int64_t rate_hz, Rational fps) {
  return floor_div(Wide{2} * frame * rate_hz * fps.den + fps.num, Wide{2} * fps.num);
}

FrameIndex frames_covering(SampleIndex samples, std::int64_t rate_hz, Rational fps) {
  if (samples <= 0) return 0;
  return frame_at(samples - 1, rate_hz, fps) + 1;
}

FrameIndex frame_at(SampleIndex sample, std::int64_t rate_hz, Rational fps) {
  FrameIndex frame = floor_div(Wide{sample} * fps.num, Wide{rate_hz} * fps.den);
  while (frame_start(frame + 1, rate_hz, fps) <= sample) ++frame;
  while (frame_start(frame, rate_hz, fps) > sample) --frame;
  return frame;
}

}  // namespace visema
