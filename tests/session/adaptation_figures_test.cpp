#include <gtest/gtest.h>

#include <limits>
#include <string>

#include "visema/adaptation/generator_adapter.h"

namespace visema {
namespace {

struct Case {
  std::string name;
  AdaptationFigures before, after;
  bool better;
};

TEST(AdaptationFigures, NearerAndNeitherBlurredNorNoisyIsBetter) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double inf = std::numeric_limits<double>::infinity();
  const AdaptationFigures start{0.04, 0.05, 25, 0.8};
  const Case cases[] = {
      {"nearer and as sharp", start, {0.03, 0.04, 27, 0.8}, true},
      {"nearer and sharper", start, {0.03, 0.04, 27, 0.9}, true},
      {"equal", start, start, false},
      {"only the whole is nearer", start, {0.03, 0.05, 26, 0.8}, false},
      {"only the mouth is nearer", start, {0.04, 0.04, 26, 0.8}, false},
      {"hardly nearer, hardly softer", start, {0.0399, 0.0499, 25, 0.792}, true},
      {"hardly nearer, softer", start, {0.0399, 0.0499, 25, 0.78}, false},
      {"a tenth nearer, softer for it", start, {0.036, 0.045, 26, 0.77}, true},
      {"a tenth nearer, too soft for it", start, {0.036, 0.045, 26, 0.76}, false},
      {"blur, however near", start, {0.01, 0.01, 35, 0.74}, false},
      {"up to the most that may be lost", start, {0.01, 0.01, 35, 0.755}, true},
      {"noise", start, {0.03, 0.04, 27, 1.15}, false},
      {"a little sharper than real", start, {0.03, 0.04, 27, 1.05}, true},
      {"an over-sharp start comes down", {0.04, 0.05, 25, 1.3}, {0.03, 0.04, 27, 1.0}, true},
      {"an over-sharp start gets blurred", {0.04, 0.05, 25, 1.3}, {0.03, 0.04, 27, 0.9}, false},
      {"an over-sharp start gets noisier", {0.04, 0.05, 25, 1.3}, {0.03, 0.04, 27, 1.45}, false},
      {"without error before", {0, 0, 80, 1}, {0, 0, 80, 1}, false},
      {"no number for the whole", start, {nan, 0.04, 27, 0.8}, false},
      {"no number for the mouth", start, {0.03, nan, 27, 0.8}, false},
      {"no number for the sharpness", start, {0.03, 0.04, 27, nan}, false},
      {"no number before", {0.04, 0.05, 25, nan}, {0.03, 0.04, 27, 0.8}, false},
      {"an infinite error before", {inf, inf, 25, 0.8}, {0.03, 0.04, 27, 0.8}, false},
      {"infinitely sharp", start, {0.03, 0.04, 27, inf}, false},
  };
  for (const Case& c : cases) EXPECT_EQ(is_better(c.after, c.before), c.better) << c.name;
}

}  // namespace
}  // namespace visema
