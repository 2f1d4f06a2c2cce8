#include "live_session.h"

#include <gmock/gmock.h>
#include <sys/socket.h>

#include <atomic>
#include <mutex>
#include <thread>

#include "live_fixture.h"
#include "visema/audio/memory_sound.h"
#include "visema/audio/pcm_stream.h"

namespace visema::session {
namespace {

using namespace std::chrono_literals;

TEST_F(LiveSessionTest, HowTheInputIsCutDoesNotMatter) {
  const AudioBlock sound = samples_of(speech(0.8));
  std::vector<float> heard[2];
  std::vector<std::vector<std::uint8_t>> pictures[2];
  for (int run_of = 0; run_of < 2; ++run_of) {
    CutSound input(sound, run_of == 0 ? 0U : 11U);
    LiveSessionOptions is = session_options(input);
    is.pace = LivePace::kOff;
    run(input, is, [&](const LiveFrame& frame) {
      heard[run_of].insert(heard[run_of].end(), frame.sound->samples.begin(),
                           frame.sound->samples.end());
      pictures[run_of].push_back(frame.picture->rgb);
    });
  }
  EXPECT_EQ(heard[0], sound.samples);
  EXPECT_EQ(heard[1], sound.samples);
  EXPECT_EQ(pictures[0], pictures[1]);
}

TEST_F(LiveSessionTest, OnTheClockSoundIsWholeAndEveryFrameHasIts) {
  const AudioBlock sound = samples_of(speech(2));
  MemorySound input(sound);
  const LiveSessionOptions is = session_options(input);
  std::vector<float> heard;
  FrameIndex next = 0;
  const LiveReport report = run(input, is, [&](const LiveFrame& frame) {
    EXPECT_EQ(frame.index, next);
    EXPECT_EQ(frame.sound->first, frame_start(next++, is.rate_hz, {25, 1}));
    EXPECT_NE(frame.picture, nullptr);
    heard.insert(heard.end(), frame.sound->samples.begin(), frame.sound->samples.end());
  });
  EXPECT_EQ(heard, sound.samples);
  EXPECT_EQ(report.frames, frames_covering(sound.size(), is.rate_hz, {25, 1}));
  EXPECT_EQ(report.gaps, 0);
  EXPECT_EQ(report.latencies.at("delay").count, report.frames);
}

TEST_F(LiveSessionTest, AnInputThatStallsGoesOnWhereItWas) {
  const std::string address = "unix:" + (folder_ / "in.sock").string();
  PcmStream input(PcmSource::parse(address + "?rate=16000"));
  LiveSessionOptions is = session_options(input);
  is.ends_with_input = false;
  SampleIndex next = 0;
  std::vector<float> sounding;
  std::atomic<std::size_t> count = 0;  // of them
  LiveSession session(presenter(is), &input, is, [&](const LiveFrame& frame) {
    EXPECT_EQ(frame.sound->first, next);
    next += frame.sound->size();
    for (const float sample : frame.sound->samples)
      if (sample != 0) sounding.push_back(sample * 32768);
    count = sounding.size();
  });
  std::jthread runs([&](std::stop_token stop) { session.run(std::move(stop)); });
  // Odd pieces of numbers that are never 0.
  std::vector<std::int16_t> numbers(16000);
  for (std::size_t i = 0; i < numbers.size(); ++i)
    numbers[i] = static_cast<std::int16_t>(i % 1000 + 1);
  const FileDescriptor socket = connect_to(SocketAddress::parse(address));
  const auto send_part = [&](std::size_t from, std::size_t to) {
    const char* bytes = reinterpret_cast<const char*>(numbers.data());
    for (std::size_t at = from; at < to; at += 333)
      ASSERT_GT(send(socket.number(), bytes + at, std::min<std::size_t>(333, to - at), 0), 0);
  };
  send_part(0, 15999);
  ASSERT_TRUE(becomes([&] { return count == 7999; }));
  const double silent = session.report().silent_seconds;
  ASSERT_TRUE(becomes([&] { return session.report().silent_seconds > silent + 0.3; }));
  send_part(15999, 32000);
  ASSERT_TRUE(becomes([&] { return count == 16000; }));
  runs.request_stop();
  runs.join();
  EXPECT_GE(session.report().gaps, 1);
  EXPECT_EQ(sounding, std::vector<float>(numbers.begin(), numbers.end()));
}

TEST_F(LiveSessionTest, StopEmptiesTheQueuesAndClosesTheMouth) {
  LiveSessionOptions is;
  is.rate_hz = 16000;
  is.ends_with_input = false;
  is.expression = Expression::kNeutral;
  std::mutex mutex;
  std::vector<float> heard;
  std::shared_ptr<const Image> last;
  LiveSession session(presenter(is), nullptr, is, [&](const LiveFrame& frame) {
    const std::lock_guard lock(mutex);
    heard.insert(heard.end(), frame.sound->samples.begin(), frame.sound->samples.end());
    last = frame.picture;
  });
  const AudioBlock sound = samples_of(speech(6), 16000);
  std::jthread runs([&](std::stop_token stop) { session.run(std::move(stop)); });
  session.say(std::make_shared<MemorySound>(sound));
  session.say(std::make_shared<MemorySound>(sound));
  ASSERT_TRUE(becomes([&] { return session.report().frames > 40; }));
  EXPECT_EQ(session.report().utterances_waiting, 2U);
  session.interrupt();
  EXPECT_EQ(session.report().utterances_waiting, 0U);
  std::size_t left = 0;
  {
    const std::lock_guard lock(mutex);
    left = heard.size();
  }
  ASSERT_TRUE(becomes([&] { return session.report().latencies.at("closing").count == 1; }));
  const FrameIndex frames = session.report().frames;
  ASSERT_TRUE(becomes([&] { return session.report().frames > frames + 50; }));
  runs.request_stop();
  runs.join();
  // A frame may have been on its way out, then the fade.
  const std::size_t silent_from = left + 16000 / 25 + 16000 / 50;
  ASSERT_LT(silent_from, heard.size());
  EXPECT_EQ(std::count(heard.begin() + static_cast<std::ptrdiff_t>(silent_from), heard.end(), 0.0F),
            static_cast<std::ptrdiff_t>(heard.size() - silent_from));
  EXPECT_LT(lip_gap(*last), 0.03);
  std::printf("stop to a closing mouth: %.0f ms\n",
              session.report().latencies.at("closing").most_ms);
}

TEST_F(LiveSessionTest, WithoutPaceAStopIsNoticedWhileTheInputStalls) {
  PcmStream input(PcmSource::parse("unix:" + (folder_ / "in.sock").string()));
  LiveSessionOptions is = session_options(input);
  is.pace = LivePace::kOff;
  LiveSession session(presenter(is), &input, is, [](const LiveFrame&) {});
  std::jthread runs([&](std::stop_token stop) { session.run(std::move(stop)); });
  runs.request_stop();
  runs.join();
  EXPECT_EQ(session.report().frames, 0);
}

/// Some sound, and then no more.
class StallingSound final : public SoundInput {
 public:
  explicit StallingSound(AudioBlock sound) : sound_(std::move(sound)) {}
  int rate_hz() const override { return sound_.rate_hz(); }
  int channels() const override { return sound_.channels(); }
  std::size_t available() const override { return sound_.available(); }
  std::size_t read(std::span<float> out, std::chrono::milliseconds patience) override {
    const std::size_t got = sound_.read(out, patience);
    if (got == 0) std::this_thread::sleep_for(1ms);
    return got;
  }
  bool ended() const override { return false; }
  void clear() override {}
  SoundInputStatistics statistics() const override { return {}; }

 private:
  MemorySound sound_;
};

TEST_F(LiveSessionTest, WithoutPaceAFailureIsNoticedWhileTheInputStalls) {
  StallingSound input(samples_of(speech(4)));
  LiveSessionOptions is = session_options(input);
  is.pace = LivePace::kOff;
  const auto fail = [](const LiveFrame&) { throw std::runtime_error("full"); };
  EXPECT_THROW(run(input, is, fail), std::runtime_error);
}

/// Some sound, and then an error.
class BreakingSound final : public SoundInput {
 public:
  explicit BreakingSound(AudioBlock sound) : sound_(std::move(sound)) {}
  int rate_hz() const override { return sound_.rate_hz(); }
  int channels() const override { return sound_.channels(); }
  std::size_t available() const override { return sound_.available(); }
  std::size_t read(std::span<float> out, std::chrono::milliseconds patience) override {
    if (sound_.available() == 0) throw std::runtime_error("broken");
    return sound_.read(out, patience);
  }
  bool ended() const override { return false; }
  void clear() override {}
  SoundInputStatistics statistics() const override { return {}; }

 private:
  MemorySound sound_;
};

TEST_F(LiveSessionTest, WithoutPaceASinkThatWaitsLearnsOfAFailure) {
  BreakingSound input(samples_of(speech(4)));
  LiveSessionOptions is = session_options(input);
  is.pace = LivePace::kOff;
  std::unique_ptr<LiveSession> session;
  const auto wait = [&](const LiveFrame&) {
    while (!session->failed()) std::this_thread::sleep_for(1ms);
  };
  session = std::make_unique<LiveSession>(presenter(is), &input, is, wait);
  EXPECT_THROW(session->run({}), std::runtime_error);
}

TEST_F(LiveSessionTest, ASinkThatFailsEndsTheRun) {
  MemorySound input(samples_of(speech(1)));
  const LiveSessionOptions is = session_options(input);
  EXPECT_THROW(run(input, is,
                   [](const LiveFrame& frame) {
                     if (frame.index == 3) throw std::runtime_error("full");
                   }),
               std::runtime_error);
}

}  // namespace
}  // namespace visema::session
