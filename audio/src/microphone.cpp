#include "visema/audio/microphone.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

#include "capture_stream.h"
#include "visema/core/error.h"
#include "visema/pipeline/thread_name.h"

namespace visema {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr std::size_t kRingSamples = 131072;
constexpr milliseconds kLook{50};
constexpr milliseconds kSilent{500};        // a stream that is silent so long is lost
constexpr milliseconds kFirstSilent{3000};  // PulseAudio takes a second to begin
constexpr milliseconds kReopenPause{1000};
constexpr milliseconds kReadPause{2};
constexpr milliseconds kGrace{3000};  // for PortAudio to let go of a device

}  // namespace

/// Shared with the thread, which may outlive the microphone when a dead sound server holds it.
struct Microphone::Impl {
  Impl(const std::string& device, int rate_hz) : wanted(device) {
    stream.emplace(device, rate_hz, ring);
    rate = stream->rate_hz();
    name = stream->name();
    // Numbers may change; the default may be another device tomorrow.
    if (wanted != "default") wanted = name;
  }

  void watch();
  /// Whether it still delivers.
  void check_stream();
  void reopen();
  void lose(const std::string& why);

  std::string wanted;
  int rate = 0;
  std::string name;
  SpscRing ring{kRingSamples};

  // The thread's own, after construction.
  std::optional<CaptureStream> stream;
  std::int64_t seen_samples = 0;
  std::int64_t earlier_samples = 0;  // of streams that are gone
  Clock::time_point seen_at = Clock::now();

  std::thread thread;
  mutable std::mutex mutex;
  std::condition_variable changed;
  MicrophoneState state = MicrophoneState::kOpen;
  MicrophoneStatistics statistics;
  std::string error;
  bool stop = false;
  bool done = false;
};

void Microphone::Impl::watch() {
  name_this_thread("microphone");
  for (;;) {
    const milliseconds pause = stream ? kLook : kReopenPause;
    {
      std::unique_lock lock(mutex);
      if (changed.wait_for(lock, pause, [this] { return stop; })) break;
    }
    if (stream)
      check_stream();
    else
      reopen();
  }
  stream.reset();
  const std::lock_guard lock(mutex);
  done = true;
  changed.notify_all();
}

void Microphone::Impl::check_stream() {
  const std::int64_t samples = stream->samples();
  const auto now = Clock::now();
  if (samples != seen_samples) {
    seen_samples = samples;
    seen_at = now;
    const std::lock_guard lock(mutex);
    statistics.samples = earlier_samples + samples;
  }
  const auto patience = seen_samples == 0 ? kFirstSilent : kSilent;
  if (stream->stopped()) return lose("the device has gone");
  if (now - seen_at > patience) lose("the device delivers nothing");
}

void Microphone::Impl::lose(const std::string& why) {
  {
    const std::lock_guard lock(mutex);
    state = MicrophoneState::kLost;
    error = "microphone \"" + name + "\": " + why;
    ++statistics.times_lost;
  }
  earlier_samples += stream->samples();
  stream.reset();
}

void Microphone::Impl::reopen() {
  try {
    stream.emplace(wanted, rate, ring);
    if (stream->rate_hz() != rate)
      throw Error(ErrorCode::kInput,
                  "microphone \"" + name + "\": has no " + std::to_string(rate) + " Hz any more");
  } catch (const Error& failed) {
    stream.reset();
    const std::lock_guard lock(mutex);
    error = failed.what();
    return;
  }
  seen_samples = 0;
  seen_at = Clock::now();
  const std::lock_guard lock(mutex);
  state = MicrophoneState::kOpen;
  ++statistics.reopened;
}

Microphone::Microphone(const std::string& device, int rate_hz)
    : impl_(std::make_shared<Impl>(device, rate_hz)) {
  impl_->thread = std::thread([impl = impl_] { impl->watch(); });
}

Microphone::~Microphone() {
  std::unique_lock lock(impl_->mutex);
  impl_->stop = true;
  impl_->changed.notify_all();
  const bool done = impl_->changed.wait_for(lock, kGrace, [this] { return impl_->done; });
  lock.unlock();
  if (done)
    impl_->thread.join();
  else
    impl_->thread.detach();
}

int Microphone::rate_hz() const {
  return impl_->rate;
}
const std::string& Microphone::name() const {
  return impl_->name;
}

std::size_t Microphone::read(std::span<float> out) {
  return impl_->ring.read(out);
}

std::size_t Microphone::read(std::span<float> out, milliseconds timeout) {
  const auto end = Clock::now() + timeout;
  // The device's callback may wake nobody.
  while (impl_->ring.available() < out.size() && Clock::now() < end)
    std::this_thread::sleep_for(kReadPause);
  return impl_->ring.read(out);
}

MicrophoneState Microphone::state() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->state;
}

std::string Microphone::last_error() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->error;
}

MicrophoneStatistics Microphone::statistics() const {
  const std::lock_guard lock(impl_->mutex);
  MicrophoneStatistics result = impl_->statistics;
  result.lost = impl_->ring.lost();
  return result;
}

}  // namespace visema
