#include "visema/audio/trimmed_sound.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "sender_pace.h"

namespace visema {
namespace {

using namespace std::chrono_literals;

constexpr int kRate = 16000;
constexpr std::size_t kBlock = kRate / 100;
constexpr float kLoud = 0.02F;
constexpr double kHum = 0.005;

/// Two seconds of a tone, then half a second of hum that is up to three times as loud as at its
/// quietest, as rooms are.
float sample_at(std::int64_t index) {
  const double t = static_cast<double>(index) / kRate;
  const double swell = 1 + 0.5 * std::sin(2 * M_PI * 3.1 * t);
  const double hum = kHum * swell * std::cos(2 * M_PI * 55 * t);
  const bool sounds = std::fmod(t, 2.5) < 2;
  return static_cast<float>(hum + (sounds ? 0.3 * std::sin(2 * M_PI * 310 * t) : 0));
}

/// What has come from a sender, on a clock of its own.
class SentSound final : public SoundInput {
 public:
  void send(std::size_t frames) {
    for (std::size_t i = 0; i < frames; ++i) waiting_.push_back(sample_at(sent_++));
    pace_.arrived(frames, now);
  }
  int rate_hz() const override { return kRate; }
  int channels() const override { return 1; }
  std::size_t available() const override { return waiting_.size(); }
  std::size_t read(std::span<float> out, std::chrono::milliseconds) override {
    const std::size_t count = std::min(out.size(), waiting_.size());
    const auto end = waiting_.begin() + static_cast<std::ptrdiff_t>(count);
    std::copy(waiting_.begin(), end, out.begin());
    waiting_.erase(waiting_.begin(), end);
    return count;
  }
  bool ended() const override { return false; }
  void clear() override { waiting_.clear(); }
  SoundInputStatistics statistics() const override {
    return {waiting_.size(), 1, {}, pace_.steady(now)};
  }
  SenderPace::Time now{1h};

 private:
  SenderPace pace_{kRate};
  std::deque<float> waiting_;
  std::int64_t sent_ = 0;
};

/// A sender, and a listener who takes 10 ms every 10 ms where they are there.
struct Line {
  Line() : Line(std::make_unique<SentSound>()) {}
  explicit Line(std::unique_ptr<SentSound> made) : sender(*made), sound(std::move(made)) {}

  /// `speed`: of the sender.
  void go_on(double seconds, double speed = 1) {
    for (int block = 0; block < static_cast<int>(seconds * 100); ++block) {
      due += speed * kBlock;
      const auto whole = static_cast<std::size_t>(due);
      if (whole > 0) sender.send(whole);
      due -= static_cast<double>(whole);
      std::vector<float> out(kBlock);
      out.resize(sound.read(out, 0ms));
      heard.insert(heard.end(), out.begin(), out.end());
      sender.now += 10ms;
    }
  }
  double waiting_s() const { return static_cast<double>(sound.available()) / kRate; }
  double left_out_s() const {
    return static_cast<double>(sound.statistics().left_out_frames) / kRate;
  }

  SentSound& sender;
  TrimmedSound sound;
  double due = 0;
  std::vector<float> heard;
};

/// The sound without its pauses, how short these are, and how steep.
struct Parts {
  std::vector<float> loud;
  double shortest_pause_s = 1e9;
  float steepest = 0;
};
Parts parts_of(const std::vector<float>& samples) {
  constexpr std::size_t kEdge = 5;  // samples of the tone that are quiet
  Parts parts;
  std::size_t pause = 0;  // where it began
  for (std::size_t i = 0; i < samples.size(); ++i) {
    if (std::abs(samples[i]) < kLoud) continue;
    // Within the tone it is quiet for much less.
    if (i - pause > kBlock && !parts.loud.empty()) {
      parts.shortest_pause_s =
          std::min(parts.shortest_pause_s, static_cast<double>(i - pause) / kRate);
      for (std::size_t j = pause + kEdge; j + kEdge < i; ++j)
        parts.steepest = std::max(parts.steepest, std::abs(samples[j + 1] - samples[j]));
    }
    pause = i + 1;
    parts.loud.push_back(samples[i]);
  }
  return parts;
}

std::vector<float> sent_so_far(std::size_t count) {
  std::vector<float> samples(count);
  for (std::size_t i = 0; i < count; ++i) samples[i] = sample_at(static_cast<std::int64_t>(i));
  return samples;
}

void expect_only_pauses_are_shorter(const Line& line) {
  const Parts heard = parts_of(line.heard);
  std::vector<float> sent = parts_of(sent_so_far(line.heard.size() + 5 * kRate)).loud;
  ASSERT_LE(heard.loud.size(), sent.size());
  sent.resize(heard.loud.size());
  EXPECT_EQ(heard.loud, sent);
  EXPECT_GE(heard.shortest_pause_s, 0.25);
}

TEST(TrimmedSound, ASenderThatStalledAndCaughtUpIsSoonHeardWithoutDelay) {
  Line line;
  line.go_on(10);
  EXPECT_LT(line.waiting_s(), 0.02);
  line.go_on(3, 0);
  line.sender.send(3 * kRate);
  line.go_on(5);
  EXPECT_GT(line.waiting_s(), 2.5);
  line.go_on(50);
  EXPECT_LE(line.waiting_s(), 0.11);
  EXPECT_NEAR(line.left_out_s(), 3, 0.15);
  expect_only_pauses_are_shorter(line);
}

TEST(TrimmedSound, AFasterClockDoesNotPileUp) {
  Line line;
  line.go_on(200, 1.002);
  EXPECT_LT(line.waiting_s(), 0.15);
  EXPECT_NEAR(line.left_out_s(), 200 * 0.002, 0.15);
  expect_only_pauses_are_shorter(line);
}

TEST(TrimmedSound, SeamsDoNotClick) {
  Line line;
  line.go_on(10);
  line.sender.send(2 * kRate);
  line.go_on(60);
  ASSERT_GT(line.left_out_s(), 1.5);
  // The hum alone has 0.0001; without a joint it would jump by some thousandths.
  EXPECT_LT(parts_of(line.heard).steepest, 0.0003);
}

TEST(TrimmedSound, ASynthesisersPausesStay) {
  Line line;
  for (int sentence = 0; sentence < 5; ++sentence) {
    line.sender.send(5 * kRate);
    line.go_on(7, 0);
  }
  EXPECT_EQ(line.left_out_s(), 0);
  EXPECT_EQ(line.heard, sent_so_far(25 * kRate));
}

TEST(TrimmedSound, ASteadySenderIsPassedOnAsItIs) {
  Line line;
  line.sender.send(kRate / 20);  // the listener's cushion
  line.go_on(60);
  EXPECT_EQ(line.left_out_s(), 0);
  EXPECT_EQ(line.heard, sent_so_far(line.heard.size()));
}

TEST(TrimmedSound, WhatWasLookedAtIsForgottenToo) {
  Line line;
  line.go_on(10);
  line.sender.send(3 * kRate);
  line.go_on(12.1);
  line.sound.clear();
  EXPECT_EQ(line.sound.available(), 0U);
  std::vector<float> out(kBlock);
  EXPECT_EQ(line.sound.read(out, 0ms), 0U);
  line.go_on(10);
  EXPECT_LT(line.waiting_s(), 0.02);
}

}  // namespace
}  // namespace visema
