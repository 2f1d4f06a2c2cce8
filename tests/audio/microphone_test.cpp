#include "visema/audio/microphone.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <functional>
#include <thread>

#include "pulse_server.h"
#include "visema/core/error.h"

namespace visema {
namespace {

using namespace std::chrono_literals;
using test::PulseServer;

constexpr int kRate = 16000;

bool wait_until(const std::function<bool()>& condition) {
  const auto end = std::chrono::steady_clock::now() + 60s;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(10ms);
  }
  return true;
}

std::vector<float> tone(double hz, double seconds) {
  std::vector<float> samples(static_cast<std::size_t>(seconds * kRate));
  for (std::size_t i = 0; i < samples.size(); ++i)
    samples[i] =
        0.5f * static_cast<float>(std::sin(2 * M_PI * hz * static_cast<double>(i) / kRate));
  return samples;
}

/// How much of a window of sound is a tone of that frequency, 0..1 (Goertzel's sum).
double share(std::span<const float> window, double hz) {
  double re = 0;
  double im = 0;
  double power = 1e-9;
  for (std::size_t i = 0; i < window.size(); ++i) {
    const double phase = 2 * M_PI * hz * static_cast<double>(i) / kRate;
    re += window[i] * std::cos(phase);
    im += window[i] * std::sin(phase);
    power += double{window[i]} * window[i];
  }
  return 2 * (re * re + im * im) / (power * static_cast<double>(window.size()));
}

/// Plays a tone until a tenth of a second of it was heard.
bool hears(Microphone& microphone, const PulseServer& server, double hz) {
  const std::jthread player([&](const std::stop_token& stop) {
    while (!stop.stop_requested()) server.play(tone(hz, 1));
  });
  std::vector<float> window(kRate / 10);
  return wait_until([&] {
    const std::size_t count = microphone.read(window, 1000ms);
    return count == window.size() && share(window, hz) > 0.9;
  });
}

class MicrophoneTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!PulseServer::installed())
      GTEST_SKIP() << "needs pulseaudio, pulseaudio-utils and libasound2-plugins "
                      "(scripts/setup.sh live)";
  }
  PulseServer server_;
};

TEST_F(MicrophoneTest, HearsWhatIsPlayed) {
  server_.start();
  Microphone microphone("PUL", kRate);
  EXPECT_EQ(microphone.name(), "pulse");
  EXPECT_EQ(microphone.rate_hz(), kRate);
  EXPECT_TRUE(hears(microphone, server_, 440));
  EXPECT_EQ(microphone.state(), MicrophoneState::kOpen);
  EXPECT_EQ(microphone.last_error(), "");
  EXPECT_GT(microphone.statistics().samples, kRate / 10);
  EXPECT_EQ(microphone.statistics().times_lost, 0);
}

TEST_F(MicrophoneTest, NamesTheDevicesThereAre) {
  server_.start();
  const std::vector<SoundDevice> devices = sound_devices();
  ASSERT_FALSE(devices.empty());
  bool found = false;
  for (const SoundDevice& device : devices) {
    EXPECT_GT(device.channels, 0);
    EXPECT_GT(device.default_rate_hz, 0);
    found = found || (device.name == "pulse" && device.host == "ALSA");
  }
  EXPECT_TRUE(found);
  EXPECT_EQ(Microphone(std::to_string(devices[0].number), kRate).name(), devices[0].name);
  EXPECT_NO_THROW(Microphone("default", kRate));
  try {
    Microphone microphone("nobody's", kRate);
    FAIL() << "there is no such device";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kInput);
    EXPECT_NE(std::string(error.what()).find("nobody's"), std::string::npos);
    EXPECT_NE(std::string(error.what()).find("\"pulse\""), std::string::npos) << error.what();
  }
}

TEST_F(MicrophoneTest, ComesBackWhenTheSoundServerDoes) {
  server_.start();
  Microphone microphone("pulse", kRate);
  ASSERT_TRUE(hears(microphone, server_, 440));
  server_.kill();
  ASSERT_TRUE(wait_until([&] { return microphone.state() == MicrophoneState::kLost; }));
  EXPECT_NE(microphone.last_error().find("pulse"), std::string::npos);
  std::vector<float> rest(1 << 18);
  microphone.read(rest);
  EXPECT_EQ(microphone.read(rest, 1500ms), 0u);

  server_.start();
  ASSERT_TRUE(wait_until([&] { return microphone.state() == MicrophoneState::kOpen; }))
      << microphone.last_error();
  EXPECT_TRUE(hears(microphone, server_, 880));
  EXPECT_EQ(microphone.statistics().times_lost, 1);
  EXPECT_EQ(microphone.statistics().reopened, 1);
}

TEST_F(MicrophoneTest, CountsWhatNobodyReads) {
  server_.start();
  Microphone microphone("pulse", 192000);
  ASSERT_TRUE(wait_until([&] { return microphone.statistics().lost > 0; }));
  std::vector<float> rest(1 << 18);
  EXPECT_EQ(microphone.read(rest), 131072u);
}

TEST_F(MicrophoneTest, PrintsNothingWhileItLooksForDevices) {
  testing::internal::CaptureStderr();
  std::string message;
  try {
    Microphone microphone("nobody's", kRate);
  } catch (const Error& error) {
    message = error.what();
  }
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  EXPECT_NE(message.find("microphone \"nobody's\": no such device"), std::string::npos) << message;
}

}  // namespace
}  // namespace visema
