#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "visema/evaluation/closure.h"
#include "visema/evaluation/silence.h"

namespace visema {
namespace {

/// Openness at 25 frames a second.
Curve track(int frames, const std::function<float(float)>& gap) {
  Curve curve;
  for (int f = 0; f < frames; ++f) {
    const float t = static_cast<float>(f) / 25;
    curve.time_s.push_back(t);
    curve.value.push_back(gap(t));
  }
  return curve;
}

/// "ma pa ba ma ..." : a closure in the first quarter of each 0.4 s, then an open vowel.
std::vector<Phone> syllables(int count) {
  std::vector<Phone> phones;
  const char* closing[] = {"M", "P", "B"};
  for (int i = 0; i < count; ++i) {
    phones.push_back({closing[i % 3], i * 6400, i * 6400 + 1600});
    phones.push_back({"AA", i * 6400 + 1600, i * 6400 + 6400});
  }
  return phones;
}

float mouth_of_syllables(float t) {
  const float phase = std::fmod(t, 0.4F);
  return phase < 0.11F ? 0.0F : 0.08F;
}

TEST(ClosureTest, LipsThatCloseAndOpenHaveAllClosuresAndContrast) {
  const auto r = measure_closure(syllables(6), track(60, mouth_of_syllables));
  EXPECT_EQ(r.count, 6);
  EXPECT_EQ(r.closed_percent.value(), 100);
  EXPECT_NEAR(r.contrast.value(), 0.08, 1e-6);
}

TEST(ClosureTest, RanksRealWeakShiftedAndFrozenMouths) {
  const auto phones = syllables(10);
  const auto contrast = [&](const std::function<float(float)>& gap) {
    return measure_closure(phones, track(100, gap)).contrast.value();
  };
  const double real = contrast(mouth_of_syllables);
  const double exaggerated = contrast([](float t) { return 1.5F * mouth_of_syllables(t); });
  const double weak = contrast([](float t) { return 0.03F + 0.4F * mouth_of_syllables(t); });
  const double frozen = contrast([](float) { return 0.05F; });
  EXPECT_GT(exaggerated, real);
  EXPECT_GT(real, weak);
  EXPECT_GT(weak, frozen);
  EXPECT_NEAR(frozen, 0, 1e-6);
  const auto late = measure_closure(
      phones, track(100, [](float t) { return mouth_of_syllables(std::max(0.0F, t - 0.24F)); }));
  EXPECT_LT(late.closed_percent.value(), 50);
}

TEST(ClosureTest, FewPhonesCannotBeMeasured) {
  const auto none = measure_closure({}, track(10, mouth_of_syllables));
  EXPECT_FALSE(none.closed_percent);
  EXPECT_EQ(none.why, "0 p, b or m were heard: 3 are needed");
  std::vector<Phone> closures = syllables(5);
  std::erase_if(closures, [](const Phone& p) { return p.symbol == "AA"; });
  const auto no_vowels = measure_closure(closures, track(60, mouth_of_syllables));
  EXPECT_TRUE(no_vowels.closed_percent);
  EXPECT_FALSE(no_vowels.contrast);
  EXPECT_EQ(no_vowels.why, "0 open vowels were heard: 3 are needed");
  EXPECT_EQ(measure_closure(syllables(5), Curve{}).count, 0);
}

/// Speech in [1, 2) s of three seconds.
std::vector<float> speech_in_the_middle() {
  std::vector<float> speech(240, 0.0F);
  std::fill(speech.begin() + 80, speech.begin() + 160, 1.0F);
  return speech;
}

TEST(SilenceTest, CountsOpenFramesAwayFromSpeech) {
  const auto speech = speech_in_the_middle();
  const auto closed = measure_silence(
      speech, track(75, [](float t) { return t > 0.9F && t < 2.1F ? 0.1F : 0.01F; }));
  EXPECT_EQ(closed.open_percent.value(), 0);
  EXPECT_NEAR(closed.seconds, 1.7, 0.1);
  const auto half =
      measure_silence(speech, track(75, [](float t) { return t < 1 ? 0.05F : 0.0F; }));
  EXPECT_NEAR(half.open_percent.value(), 50, 3);
  const auto open = measure_silence(speech, track(75, [](float) { return 0.05F; }));
  EXPECT_EQ(open.open_percent.value(), 100);
}

TEST(SilenceTest, IsWithinTheSoundAndAwayFromSpeech) {
  const auto speech = speech_in_the_middle();
  const SilentTimes silence(speech);
  for (const double time_s : {0.0, 0.84, 2.16, 2.99}) EXPECT_TRUE(silence.contains(time_s));
  for (const double time_s : {-0.01, 0.86, 1.5, 2.13, 3.0, 1e9})
    EXPECT_FALSE(silence.contains(time_s)) << time_s;
}

TEST(SilenceTest, TooLittleSilenceCannotBeMeasured) {
  const std::vector<float> speech(240, 1.0F);
  const auto r = measure_silence(speech, track(75, [](float) { return 0.05F; }));
  EXPECT_FALSE(r.open_percent);
  EXPECT_EQ(r.seconds, 0);
}

}  // namespace
}  // namespace visema
