#include <gmock/gmock.h>

#include <thread>

#include "frame_picker.h"
#include "latency_meter.h"
#include "picture_line.h"
#include "sound_line.h"

namespace visema::session {
namespace {

using namespace std::chrono_literals;
using testing::Each;
using testing::ElementsAre;

AudioBlock block(SampleIndex first, std::vector<float> samples, int channels = 1) {
  return {first, 1000, channels, std::move(samples)};
}

std::shared_ptr<const Image> picture(int width) {
  return std::make_shared<const Image>(width, 1);
}

const LiveTime kPast = LiveTime::clock::now() - 1h;

TEST(SoundLine, GivesTheSamplesOfAFrameWhateverTheBlocks) {
  SoundLine line(1000, 2);
  line.append(block(0, {1, 2, 3, 4, 5, 6}, 2));
  line.append(block(3, {7, 8}, 2));
  const auto first = line.take(0, 2);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->first, 0);
  EXPECT_THAT(first->samples, ElementsAre(1, 2, 3, 4));
  EXPECT_THAT(line.take(2, 4)->samples, ElementsAre(5, 6, 7, 8));
}

TEST(SoundLine, WaitsForWhatIsNotHeardAndIsShorterAtTheEnd) {
  SoundLine line(1000, 1);
  std::jthread hears([&] {
    line.append(block(0, {1}));
    line.append(block(1, {2, 3}));
    line.end();
  });
  EXPECT_THAT(line.take(0, 2)->samples, ElementsAre(1, 2));
  EXPECT_THAT(line.take(2, 4)->samples, ElementsAre(3));
  EXPECT_FALSE(line.take(4, 6));
}

TEST(SoundLine, MuteFadesWithinTwentyMillisecondsAndKeepsWhatFollows) {
  SoundLine line(1000, 1);
  line.append(block(0, std::vector<float>(60, 1.0F)));
  line.take(0, 10);
  line.mute();
  line.append(block(60, {1, 1}));
  const auto rest = line.take(10, 62)->samples;
  EXPECT_FLOAT_EQ(rest[0], 0.95F);
  for (std::size_t i = 1; i < 20; ++i) EXPECT_LT(rest[i], rest[i - 1]);
  EXPECT_THAT(std::vector<float>(rest.begin() + 19, rest.begin() + 50), Each(0.0F));
  EXPECT_THAT(std::vector<float>(rest.begin() + 50, rest.end()), Each(1.0F));
}

/// An hour at 30000/1001 frames a second, 10 ms at a time, as fast as it goes.
TEST(SoundLine, AfterAnHourEveryFrameHasItsOwnSamples) {
  constexpr int kRate = 48000;
  constexpr Rational kNtsc{30000, 1001};
  constexpr SampleIndex kHour = SampleIndex{3600} * kRate;
  SoundLine line(kRate, 1);
  FrameIndex frame = 0;
  for (SampleIndex heard = 0; heard < kHour; heard += kRate / 100) {
    AudioBlock ten_ms{heard, kRate, 1, std::vector<float>(kRate / 100)};
    for (std::size_t i = 0; i < ten_ms.samples.size(); ++i)
      ten_ms.samples[i] = static_cast<float>((heard + static_cast<SampleIndex>(i)) % 65536);
    line.append(ten_ms);
    while (frame_start(frame + 1, kRate, kNtsc) <= line.heard()) {
      const SampleIndex begin = frame_start(frame, kRate, kNtsc);
      const auto sound = line.take(begin, frame_start(++frame, kRate, kNtsc));
      ASSERT_EQ(sound->first, begin);
      ASSERT_EQ(sound->samples.front(), static_cast<float>(begin % 65536));
    }
  }
  EXPECT_EQ(frame, frame_at(kHour, kRate, kNtsc));
}

TEST(PictureLine, APictureThatIsThereIsNotRepeated) {
  PictureLine line(3, PictureLine::Overflow::kDropOldest, picture(9));
  line.put(0, picture(1));
  const auto shown = line.take(0, std::nullopt);
  EXPECT_EQ(shown.picture->width, 1);
  EXPECT_FALSE(shown.repeated);
  EXPECT_FALSE(shown.late);
}

TEST(PictureLine, PastItsDeadlineTheOneBeforeStandsLonger) {
  PictureLine line(3, PictureLine::Overflow::kDropOldest, picture(9));
  EXPECT_EQ(line.take(0, kPast).picture->width, 9);
  EXPECT_TRUE(line.take(0, kPast).repeated);
  line.put(1, picture(1));
  const auto late = line.take(2, kPast);
  EXPECT_EQ(late.picture->width, 1);
  EXPECT_EQ(late.index, 1);
  EXPECT_TRUE(late.late);
  EXPECT_FALSE(late.repeated);
  EXPECT_TRUE(line.take(3, kPast).repeated);
}

TEST(PictureLine, APictureThatWasLeftOutIsNotWaitedFor) {
  PictureLine line(3, PictureLine::Overflow::kDropOldest, picture(9));
  line.put(2, picture(2));
  EXPECT_TRUE(line.take(1, std::nullopt).repeated);
  EXPECT_EQ(line.take(2, std::nullopt).picture->width, 2);
}

TEST(PictureLine, DropsTheOldestAndCounts) {
  PictureLine line(2, PictureLine::Overflow::kDropOldest, picture(9));
  for (int i = 0; i < 3; ++i) line.put(i, picture(i + 1));
  EXPECT_EQ(line.dropped(), 1);
  EXPECT_TRUE(line.take(0, std::nullopt).repeated);
  EXPECT_EQ(line.take(1, std::nullopt).picture->width, 2);
  line.clear();
  EXPECT_EQ(line.dropped(), 2);
  EXPECT_EQ(line.waiting(), 0U);
}

TEST(PictureLine, WithoutADeadlineEveryPictureComes) {
  PictureLine line(1, PictureLine::Overflow::kWait, picture(9));
  std::jthread renders([&] {
    for (int i = 0; i < 100; ++i) line.put(i, picture(i + 1));
    line.close();
  });
  for (int i = 0; i < 100; ++i) {
    const auto shown = line.take(i, std::nullopt);
    EXPECT_EQ(shown.picture->width, i + 1);
    EXPECT_FALSE(shown.repeated || shown.late);
  }
  EXPECT_TRUE(line.take(100, std::nullopt).repeated);
  EXPECT_EQ(line.dropped(), 0);
}

TEST(LatencyMeter, PercentilesToAMillisecond) {
  LatencyMeter meter;
  EXPECT_EQ(meter.figures().p95_ms, 0);
  for (int i = 0; i < 100; ++i) meter.add(std::chrono::duration<double, std::milli>(i + 0.5));
  meter.add(5s);
  const LiveLatency figures = meter.figures();
  EXPECT_EQ(figures.count, 101);
  EXPECT_DOUBLE_EQ(figures.p50_ms, 51);
  EXPECT_DOUBLE_EQ(figures.p95_ms, 96);
  EXPECT_DOUBLE_EQ(figures.most_ms, 5000);
}

TEST(FramePicker, CountsWhatWasDroppedOnTheWay) {
  const LiveClock clock{{}, 16000, {25, 1}, {}};
  FramePicker picker(clock);
  std::vector<FrameIndex> picked;
  for (const FrameIndex index : {0, 1, 4, 5}) {
    SpokenFrame spoken;
    spoken.motion.emplace().index = index;
    picker.want_next();
    picker.process(std::move(spoken),
                   [&](const SpokenFrame& one) { picked.push_back(one.motion->index); });
  }
  EXPECT_EQ(picked, (std::vector<FrameIndex>{0, 1, 4, 5}));
  EXPECT_EQ(picker.dropped(), 2);
}

}  // namespace
}  // namespace visema::session
