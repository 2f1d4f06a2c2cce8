#include "visema/audio/file_sound.h"

#include <mutex>
#include <stop_token>
#include <thread>

#include "sound_buffer.h"
#include "visema/core/error.h"

namespace visema {
namespace {

constexpr std::size_t kSecondsAhead = 2;

}  // namespace

struct FileSound::State {
  State(const std::filesystem::path& path, const AudioReaderOptions& options)
      : pass_on(options.stop, Ending{ending}),
        reader(path, {options.rate_hz, options.channels, ending.get_token()}),
        rate_hz(reader.info().rate_hz),
        channels(reader.info().channels),
        buffer(kSecondsAhead * static_cast<std::size_t>(rate_hz), channels),
        thread([this] { decode(); }) {}
  ~State() { end(); }

  void end() {
    ending.request_stop();
    buffer.cancel();
  }

  void decode() {
    try {
      while (auto block = reader.read())
        if (!buffer.write(block->samples, 0)) return;
    } catch (const std::exception& error) {
      const std::lock_guard lock(mutex);
      problem = describe(error);
    }
    buffer.close();
  }

  struct Ending {
    std::stop_source source;
    void operator()() { source.request_stop(); }
  };

  std::stop_source ending;
  const std::stop_callback<Ending> pass_on;
  AudioReader reader;
  const int rate_hz;
  const int channels;
  SoundBuffer buffer;
  mutable std::mutex mutex;
  std::string problem;
  std::jthread thread;  // the last member: it uses the others
};

FileSound::FileSound(const std::filesystem::path& path, const AudioReaderOptions& options)
    : state_(std::make_unique<State>(path, options)) {}
FileSound::~FileSound() = default;

int FileSound::rate_hz() const {
  return state_->rate_hz;
}

int FileSound::channels() const {
  return state_->channels;
}

std::size_t FileSound::available() const {
  return state_->buffer.available();
}

std::size_t FileSound::read(std::span<float> out, std::chrono::milliseconds patience) {
  return state_->buffer.read(out, patience);
}

bool FileSound::ended() const {
  return state_->buffer.ended();
}

void FileSound::clear() {
  state_->end();
  state_->buffer.clear();
}

SoundInputStatistics FileSound::statistics() const {
  const std::lock_guard lock(state_->mutex);
  return {state_->buffer.available(), 1, state_->problem};
}

}  // namespace visema
