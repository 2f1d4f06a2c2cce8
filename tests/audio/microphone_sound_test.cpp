#include "visema/audio/microphone_sound.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <thread>

#include "pulse_server.h"

namespace visema {
namespace {

using namespace std::chrono_literals;
using test::PulseServer;

constexpr int kRate = 16000;

std::vector<float> tone() {
  std::vector<float> samples(kRate);
  for (std::size_t i = 0; i < samples.size(); ++i)
    samples[i] =
        0.5F * static_cast<float>(std::sin(2 * M_PI * 440 * static_cast<double>(i) / kRate));
  return samples;
}

/// Reads 10 ms every 10 ms, as a session does, until one is loud or a minute is over.
bool hears_something(SoundInput& input) {
  const auto end = std::chrono::steady_clock::now() + 60s;
  std::vector<float> block(kRate / 100);
  while (std::chrono::steady_clock::now() < end) {
    const std::size_t count = input.read(block, 0ms);
    for (std::size_t i = 0; i < count; ++i)
      if (std::abs(block[i]) > 0.3F) return true;
    std::this_thread::sleep_for(10ms);
  }
  return false;
}

TEST(MicrophoneSound, HearsWhatIsPlayedAndForgetsWhenTold) {
  if (!PulseServer::installed())
    GTEST_SKIP() << "needs pulseaudio, pulseaudio-utils and libasound2-plugins "
                    "(scripts/setup.sh live)";
  PulseServer server;
  server.start();
  MicrophoneSound input("pulse", kRate);
  EXPECT_EQ(input.rate_hz(), kRate);
  EXPECT_EQ(input.channels(), 1);
  EXPECT_FALSE(input.waits());
  const std::jthread player([&](const std::stop_token& stop) {
    while (!stop.stop_requested()) server.play(tone());
  });
  EXPECT_TRUE(hears_something(input));
  EXPECT_EQ(input.statistics().connections, 1);
  EXPECT_EQ(input.statistics().problem, "");
  const auto end = std::chrono::steady_clock::now() + 60s;
  while (input.available() < kRate / 2 && std::chrono::steady_clock::now() < end)
    std::this_thread::sleep_for(10ms);
  ASSERT_GE(input.available(), static_cast<std::size_t>(kRate / 2));
  input.clear();
  EXPECT_LT(input.available(), static_cast<std::size_t>(kRate / 2));
}

}  // namespace
}  // namespace visema
