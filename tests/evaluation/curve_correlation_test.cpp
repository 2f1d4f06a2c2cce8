#include "visema/evaluation/curve_correlation.h"

#include <gtest/gtest.h>

#include <cmath>

namespace visema {
namespace {

/// Openness of a made-up mouth that does all `late_s` later.
Curve mouth(double late_s, double fps, double seconds = 4) {
  Curve curve;
  for (int i = 0; i < fps * seconds; ++i) {
    const double t = i / fps;
    curve.time_s.push_back(static_cast<float>(t));
    const double at = t - late_s;
    curve.value.push_back(
        static_cast<float>(0.1 + 0.05 * std::sin(9 * at) + 0.03 * std::sin(23 * at)));
  }
  return curve;
}

TEST(CurveCorrelation, IsOneWhereTheSecondIsShiftedBack) {
  EXPECT_NEAR(shifted_correlation(mouth(0, 25), mouth(0, 25), 0).value(), 1, 1e-6);
  EXPECT_NEAR(shifted_correlation(mouth(0, 25), mouth(0.12, 25), 0.12).value(), 1, 1e-6);
  EXPECT_NEAR(shifted_correlation(mouth(0, 30), mouth(-0.08, 25), -0.08).value(), 1, 0.05);
  EXPECT_LT(shifted_correlation(mouth(0, 25), mouth(0.12, 25), 0).value(), 0.5);
}

TEST(CurveCorrelation, SaysNothingOfTooLittle) {
  EXPECT_FALSE(shifted_correlation(mouth(0, 25), mouth(0, 25, 0.4), 0));
  EXPECT_FALSE(shifted_correlation(mouth(0, 25), mouth(0, 25), 5));
  EXPECT_FALSE(shifted_correlation({}, mouth(0, 25), 0));
  Curve still = mouth(0, 25);
  still.value.assign(still.value.size(), 0.1F);
  EXPECT_FALSE(shifted_correlation(still, mouth(0, 25), 0));
}

}  // namespace
}  // namespace visema
