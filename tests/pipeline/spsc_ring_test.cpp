#include "visema/pipeline/spsc_ring.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <random>
#include <thread>
#include <vector>

namespace visema {
namespace {

using testing::ElementsAre;

std::vector<float> read_all(SpscRing& ring) {
  std::vector<float> samples(ring.available());
  EXPECT_EQ(ring.read(samples), samples.size());
  return samples;
}

TEST(SpscRing, GivesBackWhatWasWritten) {
  SpscRing ring(4);
  for (float first = 0; first < 30; first += 3) {
    ring.write(std::array{first, first + 1, first + 2});
    EXPECT_THAT(read_all(ring), ElementsAre(first, first + 1, first + 2));
  }
  EXPECT_EQ(ring.lost(), 0);
}

TEST(SpscRing, ReadsWhatThereIs) {
  SpscRing ring(8);
  std::array<float, 4> out{};
  EXPECT_EQ(ring.read(out), 0U);
  ring.write(std::array{1.0F, 2.0F});
  EXPECT_EQ(ring.read(out), 2U);
  EXPECT_EQ(ring.read(out), 0U);
}

TEST(SpscRing, SilenceTakesThePlaceOfLostSamples) {
  SpscRing ring(4);
  ring.write(std::array{1.0F, 2.0F, 3.0F, 4.0F, 5.0F, 6.0F});  // 5 and 6 are lost
  EXPECT_EQ(ring.lost(), 2);
  ring.write(std::array{7.0F});  // and 7
  EXPECT_EQ(ring.lost(), 3);
  EXPECT_THAT(read_all(ring), ElementsAre(1, 2, 3, 4));
  ring.write(std::array{8.0F});
  EXPECT_THAT(read_all(ring), ElementsAre(0, 0, 0, 8));
  EXPECT_EQ(ring.lost(), 3);
}

TEST(SpscRing, AGapLongerThanTheRingKeepsItsLength) {
  SpscRing ring(4);
  ring.write(std::array{1.0F, 2.0F, 3.0F, 4.0F});
  ring.write(std::vector<float>(10, 9.0F));
  std::vector<float> heard;
  float next = 15;
  while (heard.size() < 20) {
    const auto part = read_all(ring);
    heard.insert(heard.end(), part.begin(), part.end());
    ring.write(std::array{next++});
  }
  // Every sample stands at its own position or is silence.
  for (std::size_t i = 0; i < heard.size(); ++i)
    EXPECT_TRUE(heard[i] == 0 || heard[i] == static_cast<float>(i + 1)) << i;
  EXPECT_EQ(heard[4], 0);
  EXPECT_EQ(heard.back(), static_cast<float>(heard.size()));
}

TEST(SpscRing, KeepsPositionsBetweenTwoThreads) {
  constexpr int kSamples = 200000;
  SpscRing ring(256);
  std::jthread producer([&ring] {
    std::mt19937 random(1);
    std::vector<float> block;
    for (int next = 1; next <= kSamples;) {
      block.clear();
      for (auto size = random() % 100; size > 0 && next <= kSamples; --size)
        block.push_back(static_cast<float>(next++));
      ring.write(block);
      if (random() % 4 == 0) std::this_thread::yield();
    }
  });
  std::array<float, 64> out;
  std::int64_t position = 0;
  // The last samples may be lost for good; read until the producer's last block can have arrived.
  while (position + 300 < kSamples) {
    const auto count = ring.read(out);
    if (count == 0) {
      std::this_thread::yield();
      if (position + ring.lost() >= kSamples) break;
    }
    for (std::size_t i = 0; i < count; ++i) {
      ++position;
      ASSERT_TRUE(out[i] == 0 || out[i] == static_cast<float>(position)) << position;
    }
  }
}

}  // namespace
}  // namespace visema
