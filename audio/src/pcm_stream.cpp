#include "visema/audio/pcm_stream.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>

#include "sender_pace.h"
#include "sound_buffer.h"
#include "visema/core/error.h"
#include "visema/pipeline/thread_name.h"

namespace visema {
namespace {

constexpr std::size_t kSecondsAhead = 30;
constexpr std::size_t kReadBytes = 16384;
constexpr int kMostForgotten = 256;  // reads, when clear() empties what the system holds
constexpr int kRetryMs = 500;

std::string reason() {
  return std::generic_category().message(errno);
}

bool is_a_fifo(const std::filesystem::path& path) {
  std::error_code ignored;
  return std::filesystem::is_fifo(path, ignored);
}

bool is_a_file(int number) {
  struct stat status {};
  return fstat(number, &status) == 0 && S_ISREG(status.st_mode);
}

bool is_readable(int number) {
  pollfd one{number, POLLIN, 0};
  return poll(&one, 1, 0) > 0;
}

}  // namespace

struct PcmStream::State {
  explicit State(const PcmSource& what)
      : source(what),
        buffer(kSecondsAhead * static_cast<std::size_t>(what.rate_hz), what.channels),
        decoder(what.format, what.channels),
        pace(what.rate_hz) {
    if (source.kind == PcmSource::Kind::kListen) listener.emplace(source.address);
    if (source.kind == PcmSource::Kind::kPath) peer = open_path();
    thread = std::thread([this] { run(); });
  }
  ~State() {
    stopped = true;
    wake_up.wake();
    buffer.cancel();
    thread.join();
  }

  FileDescriptor open_path() const;
  void run();
  bool has_more_peers() const;
  FileDescriptor next_peer();
  bool wait(int number, int timeout_ms) const;
  void serve();
  bool read_some(std::vector<float>& samples, std::int64_t& clears);
  void watch_pace(std::size_t frames);
  ssize_t read_bytes(std::array<std::byte, kReadBytes>& bytes) const;
  void forget();

  const PcmSource source;
  SoundBuffer buffer;
  WakeUp wake_up;
  std::optional<Listener> listener;
  std::atomic<bool> stopped{false};
  std::atomic<std::int64_t> connections{0};

  std::mutex reading;  // of peer, decoder, pace, problem
  FileDescriptor peer;
  PcmDecoder decoder;
  SenderPace pace;
  std::string problem;
  std::thread thread;
};

FileDescriptor PcmStream::State::open_path() const {
  if (source.path == "-") return FileDescriptor(fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0));
  const int flags = O_RDONLY | O_CLOEXEC | (is_a_fifo(source.path) ? O_NONBLOCK : 0);
  FileDescriptor opened(open(source.path.c_str(), flags));
  if (!opened)
    throw Error(ErrorCode::kInput, source.path.string() + ": cannot be read: " + reason());
  return opened;
}

void PcmStream::State::run() {
  name_this_thread("pcm input");
  try {
    do {
      serve();
      if (!has_more_peers()) break;
      FileDescriptor next = next_peer();
      const std::lock_guard lock(reading);
      peer = std::move(next);
      problem.clear();
      decoder.reset();
      pace.reset();
    } while (!stopped);
  } catch (const std::exception& error) {
    const std::lock_guard lock(reading);
    problem = describe(error);
  }
  buffer.close();
}

bool PcmStream::State::has_more_peers() const {
  return source.kind != PcmSource::Kind::kPath ||
         (is_a_fifo(source.path) && !source.ends_with_writer);
}

/// Waits for it; empty when stopped.
FileDescriptor PcmStream::State::next_peer() {
  if (source.kind == PcmSource::Kind::kConnect && connections > 0) wait(-1, kRetryMs);
  while (!stopped) {
    if (source.kind == PcmSource::Kind::kPath) return open_path();
    if (source.kind == PcmSource::Kind::kListen) {
      if (!wait(listener->number(), -1)) continue;
      if (FileDescriptor next = listener->accept()) return next;
      wait(-1, kRetryMs);
      continue;
    }
    try {
      return connect_to(source.address);
    } catch (const Error& error) {
      const std::lock_guard lock(reading);
      problem = error.what();
    }
    wait(-1, kRetryMs);
  }
  return {};
}

/// Whether something can be read from `number` before the time is over or the stream is stopped.
bool PcmStream::State::wait(int number, int timeout_ms) const {
  std::array<pollfd, 2> both{{{number, POLLIN, 0}, {wake_up.number(), POLLIN, 0}}};
  return poll(both.data(), both.size(), timeout_ms) > 0 && both[0].revents != 0 && !stopped;
}

void PcmStream::State::serve() {
  if (!peer) return;
  ++connections;
  std::vector<float> samples;
  std::int64_t clears = 0;
  while (wait(peer.number(), -1) && read_some(samples, clears)) {
    if (!buffer.write(samples, clears)) return;
    samples.clear();
  }
}

/// False at the end of the peer's sound.
bool PcmStream::State::read_some(std::vector<float>& samples, std::int64_t& clears) {
  std::array<std::byte, kReadBytes> bytes;
  const std::lock_guard lock(reading);
  clears = buffer.clears();
  if (!is_readable(peer.number())) return true;  // forget() was faster
  const ssize_t count = read_bytes(bytes);
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) return true;
  if (count < 0) problem = source.address.text + source.path.string() + ": " + reason();
  if (count <= 0) return false;
  decoder.decode(std::span(bytes).first(static_cast<std::size_t>(count)), samples);
  watch_pace(samples.size() / static_cast<std::size_t>(source.channels));
  return true;
}

/// A sender that has to wait for room would seem to keep to real time.
void PcmStream::State::watch_pace(std::size_t frames) {
  const std::size_t capacity = kSecondsAhead * static_cast<std::size_t>(source.rate_hz);
  if (buffer.available() + frames > capacity)
    pace.reset();
  else
    pace.arrived(frames, std::chrono::steady_clock::now());
}

ssize_t PcmStream::State::read_bytes(std::array<std::byte, kReadBytes>& bytes) const {
  return ::read(peer.number(), bytes.data(), bytes.size());
}

/// Passes through the decoder, so that what follows keeps its frames. A file ends.
void PcmStream::State::forget() {
  const std::lock_guard lock(reading);
  std::array<std::byte, kReadBytes> bytes;
  std::vector<float> forgotten;
  for (int i = 0; i < kMostForgotten && peer && is_readable(peer.number()); ++i) {
    const ssize_t count = read_bytes(bytes);
    if (count <= 0) break;
    decoder.decode(std::span(bytes).first(static_cast<std::size_t>(count)), forgotten);
    forgotten.clear();
  }
  if (peer && is_a_file(peer.number())) buffer.cancel();
  buffer.clear();
}

PcmStream::PcmStream(const PcmSource& source) : state_(std::make_unique<State>(source)) {}
PcmStream::~PcmStream() = default;

int PcmStream::rate_hz() const {
  return state_->source.rate_hz;
}

int PcmStream::channels() const {
  return state_->source.channels;
}

std::size_t PcmStream::available() const {
  return state_->buffer.available();
}

std::size_t PcmStream::read(std::span<float> out, std::chrono::milliseconds patience) {
  return state_->buffer.read(out, patience);
}

bool PcmStream::ended() const {
  return state_->buffer.ended();
}

void PcmStream::clear() {
  state_->forget();
}

SoundInputStatistics PcmStream::statistics() const {
  const std::lock_guard lock(state_->reading);
  return {state_->buffer.available(), state_->connections, state_->problem,
          state_->pace.steady(std::chrono::steady_clock::now())};
}

int PcmStream::port() const {
  return state_->listener ? state_->listener->port() : 0;
}

}  // namespace visema
