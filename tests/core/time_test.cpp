#include "visema/core/time.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

#include "visema/core/error.h"

namespace visema {
namespace {

__extension__ using Exact = __int128;

/// round(frame * rate * den / num), halves up, for frame >= 0.
std::int64_t exact_start(Exact frame, Exact rate_hz, Rational fps) {
  const Exact numerator = frame * rate_hz * fps.den;
  Exact sample = numerator / fps.num;
  if (2 * (numerator - sample * fps.num) >= fps.num) ++sample;
  return static_cast<std::int64_t>(sample);
}

struct Clock {
  std::int64_t rate_hz;
  Rational fps;
};

class DayOfFrames : public testing::TestWithParam<Clock> {};

TEST_P(DayOfFrames, AgreesWithExactArithmetic) {
  const auto [rate_hz, fps] = GetParam();
  const SampleIndex day = 24 * 3600 * rate_hz;
  const FrameIndex frames = frames_covering(day, rate_hz, fps);
  SampleIndex start = frame_start(0, rate_hz, fps);
  EXPECT_EQ(start, 0);
  for (FrameIndex frame = 0; frame < frames; ++frame) {
    const SampleIndex next = frame_start(frame + 1, rate_hz, fps);
    ASSERT_EQ(next, exact_start(frame + 1, rate_hz, fps)) << frame;
    ASSERT_LT(start, next);
    ASSERT_EQ(frame_at(start, rate_hz, fps), frame);
    ASSERT_EQ(frame_at(next - 1, rate_hz, fps), frame);
    start = next;
  }
  // The last frame starts within the day, the next one does not.
  EXPECT_LT(frame_start(frames - 1, rate_hz, fps), day);
  EXPECT_GE(start, day);
}

INSTANTIATE_TEST_SUITE_P(Clocks, DayOfFrames,
                         testing::Values(Clock{16000, {30000, 1001}}, Clock{48000, {30000, 1001}},
                                         Clock{44100, {24000, 1001}}, Clock{16000, {25, 1}},
                                         Clock{16000, {60000, 1001}}, Clock{22050, {2997, 100}},
                                         Clock{96000, {1000000, 33333}},
                                         Clock{8000, {12345, 1234}}));

TEST(Time, IsExactForYears) {
  const Rational fps{999999999, 9999999};
  const FrameIndex frame = 100LL * 366 * 24 * 3600 * 100;
  EXPECT_EQ(frame_start(frame, 192000, fps), exact_start(frame, 192000, fps));
  EXPECT_EQ(frame_at(frame_start(frame, 192000, fps), 192000, fps), frame);
}

TEST(Time, RoundsHalvesUpAlsoBeforeTheStart) {
  // 16 samples a second, 32/3 frames a second: 1.5 samples a frame.
  const Rational fps{32, 3};
  EXPECT_EQ(frame_start(1, 16, fps), 2);
  EXPECT_EQ(frame_start(-1, 16, fps), -1);
  EXPECT_EQ(frame_start(-2, 16, fps), -3);
  EXPECT_EQ(frame_at(-1, 16, fps), -1);
  EXPECT_EQ(frame_at(-2, 16, fps), -2);
}

TEST(Time, CoversSoundWithFrames) {
  EXPECT_EQ(frames_covering(0, 16000, {25, 1}), 0);
  EXPECT_EQ(frames_covering(-5, 16000, {25, 1}), 0);
  EXPECT_EQ(frames_covering(1, 16000, {25, 1}), 1);
  EXPECT_EQ(frames_covering(640, 16000, {25, 1}), 1);
  EXPECT_EQ(frames_covering(641, 16000, {25, 1}), 2);
  EXPECT_EQ(frames_covering(16000 * 600, 16000, {25, 1}), 15000);
}

TEST(FrameRate, IsParsedAndReduced) {
  EXPECT_EQ(parse_frame_rate("25"), (Rational{25, 1}));
  EXPECT_EQ(parse_frame_rate("30000/1001"), (Rational{30000, 1001}));
  EXPECT_EQ(parse_frame_rate("50/2"), (Rational{25, 1}));
  EXPECT_EQ(parse_frame_rate("29.97"), (Rational{2997, 100}));
  EXPECT_EQ(parse_frame_rate("23.9760"), (Rational{2997, 125}));
  EXPECT_EQ(parse_frame_rate("1"), (Rational{1, 1}));
  EXPECT_EQ(parse_frame_rate("240"), (Rational{240, 1}));
  EXPECT_EQ(to_string(Rational{30000, 1001}), "30000/1001");
  EXPECT_EQ(to_string(Rational{25, 1}), "25");
}

TEST(FrameRate, RefusesTheRest) {
  for (const std::string text : {"",
                                 "0",
                                 "-25",
                                 "+25",
                                 "25fps",
                                 " 25",
                                 "25 ",
                                 "0.5",
                                 "241",
                                 "240.001",
                                 "1/2",
                                 "25/0",
                                 "/",
                                 "25/",
                                 "/25",
                                 "1.",
                                 ".5",
                                 "1e2",
                                 "nan",
                                 "0x19",
                                 "25/1/1",
                                 "25,0",
                                 "29.97000",
                                 "1234567890/41152263",
                                 "99999999999999999999",
                                 "-1/-1",
                                 "1.-5"}) {
    try {
      parse_frame_rate(text);
      ADD_FAILURE() << text;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kUsage);
      EXPECT_NE(std::string(error.what()).find("\"" + text + "\""), std::string::npos);
    }
  }
}

}  // namespace
}  // namespace visema
