#include "clock_matcher.h"

#include <gtest/gtest.h>

#include <cmath>
#include <span>

namespace visema {
namespace {

constexpr int kRate = 48000;
constexpr int kBlock = kRate / 100;

/// A device that delivers bursts of 50 ms, its clock `speed` times ours.
struct Played {
  std::vector<float> heard;
  std::size_t most_waiting = 0;
  int dry = 0;  // blocks that were not whole, after the first two minutes
  double speed = 0;
};
Played play(double device, double seconds) {
  ClockMatcher matcher(kRate);
  Played played;
  double delivered = 0;
  const auto blocks = static_cast<int>(seconds * 100);
  for (int block = 0; block < blocks; ++block) {
    const double due = device * block * kBlock;
    while (delivered + kRate * 0.05 <= due) {
      std::vector<float> burst(static_cast<std::size_t>(kRate * 0.05));
      for (auto& sample : burst)
        sample = static_cast<float>(0.5 * std::sin(2 * M_PI * 1000 * delivered++ / kRate));
      matcher.push(burst);
    }
    if (block < 12) continue;  // something waits
    std::vector<float> out(kBlock);
    const std::size_t count = matcher.read(out);
    if (count < out.size() && block > 12000) ++played.dry;
    out.resize(count);
    played.heard.insert(played.heard.end(), out.begin(), out.end());
    if (block > blocks / 2)
      played.most_waiting = std::max(played.most_waiting, matcher.available());
  }
  played.speed = matcher.speed();
  return played;
}

TEST(ClockMatcher, ClocksThatDifferNeitherRunDryNorPileUp) {
  for (const double device : {0.9965, 1.0, 1.0001, 1.0035}) {
    const Played played = play(device, 600);
    EXPECT_EQ(played.dry, 0) << device;
    EXPECT_LT(played.most_waiting, kRate / 5) << device;
    EXPECT_NEAR(played.speed, device, 0.0015) << device;
  }
}

/// What is left of the sound beside a tone of that frequency, as a part of its power.
double residue(std::span<const float> sound, double hz) {
  double cc = 0, cs = 0, ss = 0, xc = 0, xs = 0, xx = 0;
  for (std::size_t i = 0; i < sound.size(); ++i) {
    const double phase = 2 * M_PI * hz * static_cast<double>(i) / kRate;
    const double c = std::cos(phase), s = std::sin(phase), x = sound[i];
    cc += c * c, cs += c * s, ss += s * s, xc += x * c, xs += x * s, xx += x * x;
  }
  const double determinant = cc * ss - cs * cs;
  const double explained = (xc * xc * ss - 2 * xc * xs * cs + xs * xs * cc) / determinant;
  return 1 - explained / xx;
}

TEST(ClockMatcher, ATonePassesClean) {
  const Played played = play(1.002, 60);
  const std::span<const float> end = std::span(played.heard).last(kRate / 20);
  double least = 1;
  for (double hz = 995; hz <= 1010; hz += 0.02) least = std::min(least, residue(end, hz));
  EXPECT_LT(10 * std::log10(least), -50);
}

TEST(ClockMatcher, AtTheSameSpeedSamplesAreKept) {
  ClockMatcher matcher(kRate);
  matcher.push(std::vector<float>{1, 2, 3, 4, 5, 6});
  std::vector<float> out(10);
  ASSERT_EQ(matcher.read(out), 4U);
  EXPECT_EQ(std::vector<float>(out.begin(), out.begin() + 4), (std::vector<float>{1, 2, 3, 4}));
  matcher.clear();
  EXPECT_EQ(matcher.available(), 0U);
}

}  // namespace
}  // namespace visema
