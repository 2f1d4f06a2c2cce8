#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <random>
#include <thread>

#include "live_ear.h"
#include "memory_use.h"
#include "picture_line.h"
#include "session_fixture.h"
#include "sound_line.h"
#include "visema/media/audio_reader.h"
#include "visema/media/live_output.h"
#include "visema/media/probe.h"

namespace visema::session {
namespace {

using namespace std::chrono_literals;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;  // slow, and keeps what is freed
#else
constexpr bool kSanitized = false;
#endif
constexpr int kRateHz = 44100;
constexpr Rational kFps{10000, 1001};
constexpr SampleIndex kSamples = SampleIndex{kRateHz} * (kSanitized ? 360 : 3600);
constexpr SampleIndex kBlock = kRateHz / 100;
constexpr SampleIndex kMark = kRateHz / 5;  // a beep; its length is no whole number of frames
constexpr SampleIndex kBetweenMarks = SampleIndex{kRateHz} * 7919 / 1000;
constexpr std::uint8_t kDark = 40, kBright = 200;

float beep(SampleIndex sample) {
  const bool sounds = sample % kBetweenMarks >= kBetweenMarks - kMark;
  const double phase = 2 * std::numbers::pi * 1000 * static_cast<double>(sample) / kRateHz;
  return sounds ? static_cast<float>(0.5 * std::sin(phase)) : 0.0F;
}

/// A sender in real time by the clock of the test, in pieces of 5 to 35 ms that come up to 30 ms
/// late.
class UnevenSound final : public SoundInput {
 public:
  int rate_hz() const override { return kRateHz; }
  int channels() const override { return 1; }
  std::size_t available() const override { return static_cast<std::size_t>(arrived_ - taken_); }
  std::size_t read(std::span<float> out, std::chrono::milliseconds) override {
    const std::size_t count = std::min(out.size(), available());
    for (float& sample : out.first(count)) sample = beep(taken_++);
    return count;
  }
  bool ended() const override { return taken_ == kSamples; }
  void clear() override { taken_ = arrived_; }
  SoundInputStatistics statistics() const override { return {}; }

  /// So many samples have been spoken.
  void advance(SampleIndex spoken) {
    while (next_arrival_ <= spoken && arrived_ < kSamples) {
      arrived_ = std::min(kSamples, next_piece_);
      next_piece_ += random(5, 35);
      next_arrival_ = next_piece_ + random(0, 30);
    }
  }

 private:
  SampleIndex random(int low_ms, int high_ms) {
    return std::uniform_int_distribution<SampleIndex>(low_ms, high_ms)(numbers_) * kRateHz / 1000;
  }

  std::mt19937 numbers_{5};
  SampleIndex next_piece_ = kRateHz / 50;
  SampleIndex next_arrival_ = next_piece_;
  SampleIndex arrived_ = 0;
  SampleIndex taken_ = 0;
};

std::shared_ptr<const Image> patch(std::uint8_t level) {
  auto image = std::make_shared<Image>(32, 32);
  std::fill(image->rgb.begin(), image->rgb.end(), level);
  return image;
}

/// All of a live run but its networks and its waiting: sound that comes in unevenly becomes frames,
/// bright where their first sample is in a beep, which leave with their sound.
class HourOfLife {
 public:
  explicit HourOfLife(const std::filesystem::path& file)
      : output_("file:" + file.string(), form()) {}

  void run() {
    for (SampleIndex heard = 0; !ear_.over(); heard += kBlock) {
      sender_.advance(heard + kBlock);
      hear(ear_.hear(kBlock, clock_.heard(heard + kBlock)));
      show();
      if (heard == kSamples / 10 / kBlock * kBlock) memory_early_ = rss_bytes();
    }
    sound_.end();
    pictures_.close();
    memory_late_ = rss_bytes();
    output_.finish(60s);
  }

  std::int64_t gaps() const { return ear_.statistics().gaps; }
  FrameIndex frames() const { return frame_; }
  LiveOutputStatistics sent() const { return output_.statistics(); }
  std::int64_t memory_early() const { return memory_early_; }
  std::int64_t memory_late() const { return memory_late_; }

 private:
  static LiveOutputOptions form() {
    LiveOutputOptions options;
    options.width = options.height = 32;
    options.fps = kFps;
    options.audio_rate_hz = kRateHz;
    options.preset = "ultrafast";
    return options;
  }

  /// A picture is made as soon as the first sample of its frame is known.
  void hear(const AudioBlock& block) {
    if (block.samples.empty()) return;
    sound_.append(block);
    for (; frame_start(made_, kRateHz, kFps) < block.first + block.size(); ++made_) {
      const auto at = static_cast<std::size_t>(frame_start(made_, kRateHz, kFps) - block.first);
      const auto last = std::min(at + kRateHz / 250, block.samples.size());
      const bool sounds = std::any_of(block.samples.begin() + static_cast<std::ptrdiff_t>(at),
                                      block.samples.begin() + static_cast<std::ptrdiff_t>(last),
                                      [](float sample) { return sample != 0; });
      pictures_.put(made_, sounds ? bright_ : dark_);
    }
  }

  void show() {
    while (sound_.heard() >= frame_start(frame_ + 1, kRateHz, kFps)) {
      while (output_.statistics().queued > 20) std::this_thread::sleep_for(1ms);
      auto sound =
          sound_.take(frame_start(frame_, kRateHz, kFps), frame_start(frame_ + 1, kRateHz, kFps));
      output_.push({frame_,
                    pictures_.take(frame_, std::nullopt).picture,
                    std::make_shared<const AudioBlock>(std::move(*sound)),
                    {}});
      ++frame_;
    }
  }

  const std::shared_ptr<const Image> dark_ = patch(kDark), bright_ = patch(kBright);
  const LiveClock clock_{LiveTime{} + 1h, kRateHz, kFps, {}};
  UnevenSound sender_;
  LiveEar ear_{&sender_, true, kRateHz, 1};
  SoundLine sound_{kRateHz, 1};
  PictureLine pictures_{3, PictureLine::Overflow::kWait, dark_};
  LiveOutput output_;
  FrameIndex made_ = 0;
  FrameIndex frame_ = 0;
  std::int64_t memory_early_ = 0;
  std::int64_t memory_late_ = 0;
};

/// Where the beeps begin, seconds from the first sample.
std::vector<double> beeps_in(const std::filesystem::path& file) {
  constexpr float kLoud = 0.1F;
  AudioReader reader(file, {0, 1});
  const int rate_hz = reader.info().rate_hz;
  std::vector<double> begins;
  SampleIndex last_loud = -rate_hz;
  while (const auto block = reader.read())
    for (SampleIndex i = 0; i < block->size(); ++i) {
      if (std::abs(block->samples[static_cast<std::size_t>(i)]) < kLoud) continue;
      const SampleIndex at = block->first + i;
      if (at - last_loud > rate_hz / 2) begins.push_back(static_cast<double>(at) / rate_hz);
      last_loud = at;
    }
  return begins;
}

/// When pictures turn bright, seconds.
std::vector<double> flashes_in(const std::filesystem::path& file) {
  std::vector<double> begins;
  VideoReader reader(file);
  double last_bright = -1;
  while (const auto frame = reader.read()) {
    if (frame->image.at(16, 16)[1] < (kDark + kBright) / 2) continue;
    if (frame->time_s - last_bright > 0.5) begins.push_back(frame->time_s);
    last_bright = frame->time_s;
  }
  return begins;
}

class LiveHourTest : public ScratchTest {};

TEST_F(LiveHourTest, PictureAndSoundOfAnHourOnAFastClockStayTogether) {
  const auto file = folder_ / "hour.ts";
  HourOfLife hour(file);
  hour.run();
  EXPECT_EQ(hour.sent().frames_sent, hour.frames());
  EXPECT_EQ(hour.sent().frames_dropped, 0);
  EXPECT_GT(hour.gaps(), 0) << "the sender was too even";
  std::printf("%lld gaps, memory after a tenth %lld KiB, at the end %lld KiB\n",
              static_cast<long long>(hour.gaps()),
              static_cast<long long>(hour.memory_early() >> 10),
              static_cast<long long>(hour.memory_late() >> 10));
  if (!kSanitized) {
    EXPECT_LT(hour.memory_late(), hour.memory_early() + (8 << 20));
  }

  const MediaInfo info = probe(file, ProbeDepth::kDecoded);
  const StreamInfo& video = *info.first(StreamKind::kVideo);
  const StreamInfo& audio = *info.first(StreamKind::kAudio);
  EXPECT_EQ(video.frames, hour.frames());
  // Time stamps count what the decoder counts.
  EXPECT_NEAR(video.duration_s, static_cast<double>(video.frames) / kFps.value(), 0.002);
  EXPECT_NEAR(audio.duration_s, static_cast<double>(audio.frames) / audio.rate_hz, 0.002);
  EXPECT_NEAR(audio.duration_s, video.duration_s, 0.1);

  const auto beeps = beeps_in(file);
  const auto flashes = flashes_in(file);
  ASSERT_EQ(beeps.size(), static_cast<std::size_t>(kSamples / kBetweenMarks));
  ASSERT_EQ(flashes.size(), beeps.size());
  // The first frame that begins in a beep: within a frame behind its begin.
  for (std::size_t i = 0; i < beeps.size(); ++i) {
    const double behind_s = flashes[i] + video.start_time_s - (beeps[i] + audio.start_time_s);
    EXPECT_GT(behind_s, -0.006) << "beep " << i;
    EXPECT_LT(behind_s, 1 / kFps.value() + 0.006) << "beep " << i;
  }
}

}  // namespace
}  // namespace visema::session
