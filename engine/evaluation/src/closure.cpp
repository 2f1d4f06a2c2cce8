#include "visema/evaluation/closure.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace visema {
namespace {

constexpr std::array<std::string_view, 3> kClosing = {"P", "B", "M"};
constexpr std::array<std::string_view, 8> kOpen = {"AA", "AE", "AH", "AO", "AW", "AY", "EH", "EY"};
/// Frames that begin so much before a phone or end so much after it still show it: half a frame of
/// video, and what free phone decoding errs.
constexpr float kAround = 0.04F;
constexpr std::int64_t kFewest = 3;

template <std::size_t N>
bool is_one_of(const std::array<std::string_view, N>& set, const std::string& symbol) {
  return std::find(set.begin(), set.end(), symbol) != set.end();
}

/// Values of the frames during a phone.
std::span<const float> during(const Phone& phone, const Curve& openness) {
  const float begin = static_cast<float>(phone.begin) / 16000 - kAround;
  const float end = static_cast<float>(phone.end) / 16000 + kAround;
  const auto first = std::lower_bound(openness.time_s.begin(), openness.time_s.end(), begin);
  const auto last = std::upper_bound(first, openness.time_s.end(), end);
  return {openness.value.data() + (first - openness.time_s.begin()),
          static_cast<std::size_t>(last - first)};
}

}  // namespace

ClosureResult measure_closure(std::span<const Phone> phones, const Curve& openness) {
  ClosureResult result;
  double closing_sum = 0;
  double open_sum = 0;
  std::int64_t closed = 0;
  std::int64_t vowels = 0;
  for (const Phone& phone : phones) {
    const std::span<const float> gaps = during(phone, openness);
    if (gaps.empty()) continue;
    if (is_one_of(kClosing, phone.symbol)) {
      const float least = *std::min_element(gaps.begin(), gaps.end());
      closing_sum += least;
      closed += least < kLipsMeet ? 1 : 0;
      ++result.count;
    } else if (is_one_of(kOpen, phone.symbol)) {
      open_sum += *std::max_element(gaps.begin(), gaps.end());
      ++vowels;
    }
  }
  const auto few = [](std::int64_t count, const char* what) {
    return std::to_string(count) + " " + what + " were heard: 3 are needed";
  };
  if (result.count < kFewest) {
    result.why = few(result.count, "p, b or m");
    return result;
  }
  const double n = static_cast<double>(result.count);
  result.closed_percent = 100 * static_cast<double>(closed) / n;
  if (vowels < kFewest)
    result.why = few(vowels, "open vowels");
  else
    result.contrast = open_sum / static_cast<double>(vowels) - closing_sum / n;
  return result;
}

}  // namespace visema
