#include "live_ear.h"

#include <gmock/gmock.h>

#include <numeric>

#include "visema/audio/memory_sound.h"

namespace visema::session {
namespace {

using namespace std::chrono_literals;
using testing::Each;

constexpr int kRate = 1000;  // a sample is a millisecond

/// Gives what a test puts into it.
class ScriptedSound final : public SoundInput {
 public:
  explicit ScriptedSound(bool waits = true) : waits_(waits) {}
  void put(std::size_t count) {
    while (count-- > 0) samples_.push_back(next_++);
  }
  void end() { over_ = true; }

  int rate_hz() const override { return kRate; }
  int channels() const override { return 1; }
  std::size_t available() const override { return samples_.size(); }
  std::size_t read(std::span<float> out, std::chrono::milliseconds) override {
    const std::size_t count = std::min(out.size(), samples_.size());
    std::copy_n(samples_.begin(), count, out.begin());
    samples_.erase(samples_.begin(), samples_.begin() + static_cast<std::ptrdiff_t>(count));
    return count;
  }
  bool ended() const override { return over_ && samples_.empty(); }
  void clear() override { samples_.clear(); }
  bool waits() const override { return waits_; }
  SoundInputStatistics statistics() const override { return {}; }

 private:
  const bool waits_;
  std::vector<float> samples_;
  float next_ = 1;
  bool over_ = false;
};

std::shared_ptr<SoundInput> utterance(std::size_t count, float value) {
  return std::make_shared<MemorySound>(AudioBlock{0, kRate, 1, std::vector<float>(count, value)});
}

/// Hears blocks of 10 ms and keeps time by them.
struct Listening {
  LiveEar& ear;
  SampleIndex heard = 0;
  std::vector<float> samples{};

  void hear(int blocks, const std::function<void()>& before = {}) {
    for (int i = 0; i < blocks; ++i) {
      if (before) before();
      const AudioBlock block = ear.hear(10, LiveTime(std::chrono::milliseconds(heard)));
      EXPECT_EQ(block.first, heard);
      heard += block.size();
      samples.insert(samples.end(), block.samples.begin(), block.samples.end());
    }
  }
  std::vector<float> part(std::size_t from, std::size_t to) const {
    return {samples.begin() + static_cast<std::ptrdiff_t>(from),
            samples.begin() + static_cast<std::ptrdiff_t>(to)};
  }
  std::vector<float> sounding() const {
    std::vector<float> some;
    std::copy_if(samples.begin(), samples.end(), std::back_inserter(some),
                 [](float sample) { return sample != 0; });
    return some;
  }
};

std::vector<float> counting(std::size_t count) {
  std::vector<float> numbers(count);
  std::iota(numbers.begin(), numbers.end(), 1.0F);
  return numbers;
}

TEST(LiveEar, AStallIsSilenceAndNothingIsLost) {
  ScriptedSound input;
  LiveEar ear(&input, true, kRate, 1);
  Listening listening{ear};
  listening.hear(20, [&] { input.put(10); });
  listening.hear(30);
  EXPECT_EQ(ear.statistics().gaps, 1);
  EXPECT_FALSE(ear.statistics().speaking);
  listening.hear(20, [&] { input.put(10); });
  input.end();
  while (!ear.over()) listening.hear(1);
  EXPECT_EQ(listening.sounding(), counting(400));
  EXPECT_EQ(ear.statistics().silent, static_cast<SampleIndex>(listening.samples.size()) - 400);
}

TEST(LiveEar, JitterOfTheInputIsNotHeard) {
  ScriptedSound input;
  LiveEar ear(&input, true, kRate, 1);
  Listening listening{ear};
  int turn = 0;
  listening.hear(100, [&] {  // 30 ms at a time
    if (turn++ % 3 == 0) input.put(30);
  });
  EXPECT_EQ(ear.statistics().gaps, 0);
  const auto first = std::find_if(listening.samples.begin(), listening.samples.end(),
                                  [](float sample) { return sample != 0; });
  EXPECT_LE(first - listening.samples.begin(), 50);
  EXPECT_EQ(std::count(first, listening.samples.end(), 0.0F), 0);
}

TEST(LiveEar, AShortRestIsHeardThoughTheCushionIsNotFull) {
  ScriptedSound input;
  LiveEar ear(&input, false, kRate, 1);
  Listening listening{ear};
  input.put(5);
  listening.hear(10);
  EXPECT_EQ(listening.sounding(), counting(5));
}

TEST(LiveEar, EndsWithItsInputToTheSample) {
  ScriptedSound input;
  LiveEar ear(&input, true, kRate, 1);
  Listening listening{ear};
  input.put(123);
  input.end();
  while (!ear.over()) listening.hear(1);
  EXPECT_EQ(listening.samples, counting(123));
}

TEST(LiveEar, ListeningReturnsWhereNothingComes) {
  ScriptedSound input;
  LiveEar ear(&input, true, kRate, 1);
  EXPECT_TRUE(ear.listen(10).samples.empty());
  input.put(5);
  EXPECT_EQ(ear.listen(10).samples, counting(5));
}

TEST(LiveEar, UtterancesFollowEachOtherAndTheInputWaits) {
  ScriptedSound input;
  LiveEar ear(&input, false, kRate, 1);
  Listening listening{ear};
  input.put(100);
  ear.say(utterance(95, 0.5F));
  ear.say(utterance(100, 0.25F));
  EXPECT_EQ(ear.statistics().utterances_waiting, 2U);
  listening.hear(50);
  EXPECT_THAT(listening.part(0, 95), Each(0.5F));
  EXPECT_EQ(std::count(listening.samples.begin(), listening.samples.end(), 0.25F), 100);
  EXPECT_EQ(std::count(listening.samples.begin(), listening.samples.end(), 100.0F), 1);
  EXPECT_EQ(ear.statistics().utterances_waiting, 0U);
}

TEST(LiveEar, AMicrophoneIsNotHeardBehindAnUtterance) {
  ScriptedSound input(false);
  LiveEar ear(&input, false, kRate, 1);
  Listening listening{ear};
  ear.say(utterance(100, 0.5F));
  listening.hear(10, [&] { input.put(10); });
  listening.hear(10, [&] { input.put(10); });
  EXPECT_EQ(std::count(listening.samples.begin(), listening.samples.end(), 1.0F), 0);
  EXPECT_EQ(std::count(listening.samples.begin(), listening.samples.end(), 150.0F), 1);
}

TEST(LiveEar, PauseFadesHoldsAndGoesOn) {
  LiveEar ear(nullptr, false, kRate, 1);
  Listening listening{ear};
  ear.say(utterance(200, 0.5F));
  listening.hear(5);
  ear.pause(true);
  listening.hear(10);
  EXPECT_TRUE(ear.statistics().paused);
  EXPECT_LT(listening.samples[50], 0.5F);
  EXPECT_THAT(listening.part(70, 150), Each(0.0F));
  ear.pause(false);
  listening.hear(30);
  EXPECT_EQ(std::count(listening.samples.begin() + 170, listening.samples.end(), 0.5F),
            200 - 50 - 20 - 20);
}

TEST(LiveEar, ClearForgetsEverything) {
  ScriptedSound input;
  LiveEar ear(&input, false, kRate, 1);
  Listening listening{ear};
  input.put(1000);
  ear.say(utterance(1000, 0.5F));
  listening.hear(5);
  ear.clear();
  listening.hear(20);
  EXPECT_THAT(listening.part(50, 250), Each(0.0F));
  EXPECT_EQ(ear.statistics().buffered, 0U);
}

}  // namespace
}  // namespace visema::session
