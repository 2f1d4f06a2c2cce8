#include "visema/audio/file_sound.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>

#include <chrono>
#include <stop_token>
#include <string>
#include <thread>

#include "visema/core/error.h"
#include "visema/core/socket.h"

namespace visema {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

/// Wide enough for a busy machine; libav alone would wait for ever.
constexpr auto kPatience = 20s;

std::string little_endian(unsigned value, int bytes) {
  std::string text;
  for (int i = 0; i < bytes; ++i) text += static_cast<char>(value >> (8 * i) & 0xFFU);
  return text;
}

constexpr unsigned kRateHz = 16000;
constexpr std::size_t kSeconds = 100;  // more than libav takes to look at what it opens

/// An hour of mono in float by its header, of which kSeconds come.
std::string cut_wav() {
  constexpr unsigned kBytes = 3600 * kRateHz * 4;
  return "RIFF" + little_endian(kBytes + 36, 4) + "WAVEfmt " + little_endian(16, 4) +
         little_endian(3, 2) + little_endian(1, 2) + little_endian(kRateHz, 4) +
         little_endian(kRateHz * 4, 4) + little_endian(4, 2) + little_endian(32, 2) + "data" +
         little_endian(kBytes, 4) + std::string(kSeconds * kRateHz * 4, '\0');
}

/// Answers one request with `reply` and then says nothing more.
class StalledServer {
 public:
  explicit StalledServer(std::string reply)
      : listener_(SocketAddress::parse("tcp://127.0.0.1:0")), reply_(std::move(reply)) {
    thread_ = std::jthread([this](const std::stop_token& stop) { serve(stop); });
  }
  std::string url() const {
    return "http://127.0.0.1:" + std::to_string(listener_.port()) + "/a.wav";
  }

 private:
  void serve(const std::stop_token& stop) {
    FileDescriptor peer;
    while (!peer && !stop.stop_requested()) {
      pollfd one{listener_.number(), POLLIN, 0};
      if (poll(&one, 1, 10) > 0) peer = listener_.accept();
    }
    for (std::string_view rest = reply_; !rest.empty() && !stop.stop_requested();) {
      const ssize_t count = send(peer.number(), rest.data(), rest.size(), MSG_NOSIGNAL);
      if (count > 0) rest.remove_prefix(static_cast<std::size_t>(count));
      pollfd one{peer.number(), POLLOUT, 0};
      poll(&one, 1, 10);
    }
    while (!stop.stop_requested()) std::this_thread::sleep_for(1ms);
  }

  Listener listener_;
  const std::string reply_;
  std::jthread thread_;
};

TEST(FileSound, AStopEndsOpeningWhatDoesNotAnswer) {
  const StalledServer server("");
  std::stop_source stop;
  const std::jthread stops([&] {
    std::this_thread::sleep_for(50ms);
    stop.request_stop();
  });
  const auto begin = Clock::now();
  EXPECT_THROW(FileSound(server.url(), {0, 0, stop.get_token()}), Error);
  EXPECT_LT(Clock::now() - begin, kPatience);
}

TEST(FileSound, AServerThatStallsDoesNotHoldItsEnd) {
  const StalledServer server("HTTP/1.0 200 OK\r\nContent-Type: audio/wav\r\n\r\n" + cut_wav());
  Clock::time_point begin;
  {
    FileSound sound(server.url());
    constexpr std::size_t kMostKeptBack = 10000;  // in libav
    std::vector<float> some(1000);
    for (std::size_t got = 0, part = 1; part > 0 && got + kMostKeptBack < kSeconds * kRateHz;)
      got += part = sound.read(some, kPatience);
    EXPECT_FALSE(sound.ended());
    begin = Clock::now();
  }
  EXPECT_LT(Clock::now() - begin, kPatience);
}

}  // namespace
}  // namespace visema
