#include "marked_sound.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <thread>

#include "visema/core/error.h"
#include "visema/core/socket.h"
#include "visema/media/audio_reader.h"

namespace visema::bench {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kMarkSamples = kMarkRateHz * 8 / 10;
constexpr SampleIndex kPeriod = 5 * kMarkRateHz / 2;
constexpr SampleIndex kShift = 117;  // samples, no divisor of a frame
constexpr std::size_t kPiece = kMarkRateHz / 100;
constexpr auto kPieceTime = 10ms;
constexpr auto kPatience = 60s;

std::vector<float> sound_of(const std::filesystem::path& path) {
  AudioReader reader(path, {kMarkRateHz, 1});
  std::vector<float> all;
  while (auto block = reader.read())
    all.insert(all.end(), block->samples.begin(), block->samples.end());
  return all;
}

std::vector<float> loudest_piece(const std::vector<float>& sound) {
  if (sound.size() < kMarkSamples)
    throw Error(ErrorCode::kInput, "the speech must be 0.8 s long at least");
  double energy = 0;
  double most = 0;
  std::size_t best = 0;
  for (std::size_t i = 0; i < sound.size(); ++i) {
    energy += double{sound[i]} * sound[i];
    if (i < kMarkSamples) continue;
    energy -= double{sound[i - kMarkSamples]} * sound[i - kMarkSamples];
    if (energy > most) {
      most = energy;
      best = i + 1 - kMarkSamples;
    }
  }
  const auto begin = sound.begin() + static_cast<std::ptrdiff_t>(best);
  return {begin, begin + kMarkSamples};
}

FileDescriptor connect_in_time(const SocketAddress& address) {
  const auto end = BenchClock::now() + kPatience;
  for (;;) try {
      return connect_to(address);
    } catch (const Error&) {
      if (BenchClock::now() > end) throw;
      std::this_thread::sleep_for(50ms);
    }
}

void send_all(int socket, const char* bytes, std::size_t count) {
  while (count > 0) {
    pollfd one{socket, POLLOUT, 0};
    poll(&one, 1, 1000);
    const ssize_t sent = ::send(socket, bytes, count, MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN) throw Error(ErrorCode::kInput, "the session takes no sound");
    bytes += std::max<ssize_t>(sent, 0);
    count -= static_cast<std::size_t>(std::max<ssize_t>(sent, 0));
  }
}

}  // namespace

MarkedSound::MarkedSound(const std::filesystem::path& speech, double seconds)
    : samples(static_cast<std::size_t>(seconds * kMarkRateHz)),
      mark(loudest_piece(sound_of(speech))) {
  const auto most = std::abs(*std::max_element(
      mark.begin(), mark.end(), [](float a, float b) { return std::abs(a) < std::abs(b); }));
  for (float& sample : mark) sample *= 0.8F / most;
  const auto last = static_cast<SampleIndex>(samples.size() - mark.size()) - kMarkRateHz;
  for (SampleIndex at = kPeriod; at < last; at += kPeriod + kShift) {
    begins.push_back(at);
    for (std::size_t i = 0; i < mark.size(); ++i)
      samples[static_cast<std::size_t>(at) + i] =
          static_cast<std::int16_t>(std::lround(32767 * mark[i]));
  }
}

BenchClock::time_point send_in_real_time(const MarkedSound& sound, const std::string& address) {
  const FileDescriptor socket = connect_in_time(SocketAddress::parse(address));
  const auto start = BenchClock::now();
  for (std::size_t at = 0; at < sound.samples.size(); at += kPiece) {
    std::this_thread::sleep_until(start + kPieceTime * (at / kPiece + 1));
    const std::size_t count = std::min(kPiece, sound.samples.size() - at);
    send_all(socket.number(), reinterpret_cast<const char*>(sound.samples.data() + at), 2 * count);
  }
  return start;
}

}  // namespace visema::bench
