#include "visema/media/live_output.h"

#include <pthread.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <thread>
#include <utility>

#include "libav_text.h"
#include "live_queue.h"
#include "live_stream.h"
#include "raw_pictures.h"
#include "visema/core/error.h"
#include "visema/pipeline/thread_name.h"

namespace visema {
namespace {

using media::Interrupt;
using std::chrono::milliseconds;
using State = LiveOutputStatistics::State;

constexpr milliseconds kFirstPause{500};
constexpr milliseconds kLongestPause{10000};
constexpr std::chrono::seconds kSteady{5};  // a connection that lasted so long was a good one
constexpr milliseconds kGrace{1000};        // for a thread to notice that its time is over
constexpr double kSoundSeconds = 10;        // that wait without pictures, at most

/// Pictures in the queue, and frames with or without.
media::LiveQueue make_queue(const LiveOutputOptions& options) {
  const auto sound = static_cast<std::size_t>(kSoundSeconds * options.fps.value());
  return {options.queue_frames, options.queue_frames + sound};
}

void block_broken_pipes() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

}  // namespace

namespace media {

std::unique_ptr<LiveSink> open_live_sink(const LiveTarget& target, const LiveOutputOptions& options,
                                         Interrupt& interrupt) {
  if (target.kind == LiveKind::kRaw) return std::make_unique<RawPictures>(target, interrupt);
  return std::make_unique<LiveStream>(target, options, interrupt);
}

}  // namespace media

/// Shared with the thread, which may outlive the output when a system call holds it.
struct LiveOutput::Impl {
  Impl(const std::string& text, const LiveOutputOptions& wanted)
      : target(media::parse_live_target(text)), options(wanted), queue(make_queue(wanted)) {
    check_options();
    if (target.kind == media::LiveKind::kFile) media::PartFile(target.path).keep();
    if (target.kind == media::LiveKind::kHls) make_folder();
  }

  void check_options() const;
  void make_folder() const;
  void check_frame(const LiveFrame& frame) const;
  void run();
  void connected();
  void serve(media::LiveSink& sink);
  void send(const LiveFrame& frame, media::LiveSink& sink);
  void lost(const std::string& error);
  bool try_again(milliseconds& pause);
  bool wait_done(Interrupt::Clock::time_point end);

  const media::LiveTarget target;
  const LiveOutputOptions options;
  Interrupt interrupt;
  media::LiveQueue queue;
  std::thread thread;

  mutable std::mutex mutex;
  std::condition_variable changed;
  LiveOutputStatistics statistics;
  std::int64_t bytes_before = 0;  // of earlier connections
  bool done = false;              // the thread
};

void LiveOutput::Impl::check_options() const {
  media::catch_libav_log();
  if (options.queue_frames < 1)
    throw Error(ErrorCode::kUsage,
                "queue of " + std::to_string(options.queue_frames) + " frames: must be at least 1");
  if (!(options.hls_segment_seconds >= 0.1 && options.hls_segment_seconds <= 60))
    throw Error(
        ErrorCode::kUsage,
        "HLS segments of " + std::to_string(options.hls_segment_seconds) + " s: must be 0.1..60");
  if (options.alpha) target.require_alpha();
  if (target.container == nullptr) return;
  const media::EncoderOptions encoding = media::live_encoding(target, options);
  const media::PictureEncoder pictures(*target.container, encoding, false);
  if (options.audio_rate_hz != 0 && target.container->audio_encoder != nullptr) {
    const media::SoundEncoder sound(*target.container, encoding, false);
  }
}

void LiveOutput::Impl::make_folder() const {
  const auto folder = std::filesystem::absolute(target.path).parent_path();
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error)
    throw Error(ErrorCode::kOutput, target.text + ": cannot be written: folder " + folder.string() +
                                        ": " + error.message());
}

void LiveOutput::Impl::check_frame(const LiveFrame& frame) const {
  const Image* picture = frame.picture.get();
  if (picture && (picture->width != options.width || picture->height != options.height))
    throw Error(ErrorCode::kInternal,
                target.text + ": picture of " + std::to_string(picture->width) + "x" +
                    std::to_string(picture->height) + " in a stream of " +
                    std::to_string(options.width) + "x" + std::to_string(options.height));
  if (picture && options.alpha && (!frame.alpha || frame.alpha->size() != picture->rgb.size() / 3))
    throw Error(ErrorCode::kInternal, target.text + ": a picture without its transparency");
  const AudioBlock* sound = frame.sound.get();
  if (sound && options.audio_rate_hz > 0 &&
      (sound->rate_hz != options.audio_rate_hz || sound->channels != options.audio_channels))
    throw Error(ErrorCode::kInternal, target.text + ": sound of " +
                                          std::to_string(sound->channels) + " channels, " +
                                          std::to_string(sound->rate_hz) + " Hz in a stream of " +
                                          std::to_string(options.audio_channels) + " channels, " +
                                          std::to_string(options.audio_rate_hz) + " Hz");
}

void LiveOutput::Impl::run() {
  name_this_thread("out " + target.text);
  block_broken_pipes();
  milliseconds pause = kFirstPause;
  do {
    const auto begin = Interrupt::Clock::now();
    try {
      const auto sink = media::open_live_sink(target, options, interrupt);
      connected();
      serve(*sink);
      break;
    } catch (const std::exception& error) {
      lost(describe(error));
    }
    if (Interrupt::Clock::now() - begin > kSteady) pause = kFirstPause;
  } while (try_again(pause));
  queue.cancel();
  const std::lock_guard lock(mutex);
  statistics.state = State::kEnded;
  done = true;
  changed.notify_all();
}

void LiveOutput::Impl::connected() {
  queue.resume();
  const std::lock_guard lock(mutex);
  if (statistics.state == State::kLost) ++statistics.reconnects;
  statistics.state = State::kLive;
  bytes_before = statistics.bytes;
}

void LiveOutput::Impl::serve(media::LiveSink& sink) {
  bool started = false;
  while (auto frame = queue.pop()) {
    started = started || frame->picture;
    if (started) send(*frame, sink);
  }
  sink.finish();
}

void LiveOutput::Impl::send(const LiveFrame& frame, media::LiveSink& sink) {
  bool sent = false;
  const auto count = [&] {
    const std::lock_guard lock(mutex);
    if (frame.picture) ++(sent ? statistics.frames_sent : statistics.frames_dropped);
    statistics.bytes = bytes_before + sink.bytes();
  };
  try {
    sink.write(frame);
    sent = true;
  } catch (...) {
    count();
    throw;
  }
  count();
}

void LiveOutput::Impl::lost(const std::string& error) {
  queue.keep_newest();
  const std::lock_guard lock(mutex);
  if (statistics.state == State::kLive) statistics.state = State::kLost;
  statistics.last_error = error;
}

bool LiveOutput::Impl::try_again(milliseconds& pause) {
  if (!target.comes_back() || queue.wait_closed(pause)) return false;
  pause = std::min(2 * pause, kLongestPause);
  return true;
}

bool LiveOutput::Impl::wait_done(Interrupt::Clock::time_point end) {
  std::unique_lock lock(mutex);
  return changed.wait_until(lock, end, [this] { return done; });
}

LiveOutput::LiveOutput(const std::string& target, const LiveOutputOptions& options)
    : impl_(std::make_shared<Impl>(target, options)) {
  impl_->thread = std::thread([impl = impl_] { impl->run(); });
}

LiveOutput::~LiveOutput() {
  finish(milliseconds(0));
}

void LiveOutput::push(LiveFrame frame) {
  impl_->check_frame(frame);
  impl_->queue.push(std::move(frame));
}

void LiveOutput::finish(milliseconds patience) {
  if (!impl_->thread.joinable()) return;
  const auto end = Interrupt::Clock::now() + patience;
  impl_->interrupt.end_by(end);
  impl_->queue.close();
  if (patience.count() > 0 && impl_->wait_done(end)) return impl_->thread.join();
  impl_->queue.cancel();
  if (impl_->wait_done(end + kGrace)) return impl_->thread.join();
  impl_->thread.detach();  // held by a system call, such as the look-up of a name
}

LiveOutputStatistics LiveOutput::statistics() const {
  const std::lock_guard lock(impl_->mutex);
  LiveOutputStatistics result = impl_->statistics;
  result.frames_dropped += impl_->queue.dropped();
  result.queued = impl_->queue.size();
  return result;
}

const std::string& LiveOutput::target() const {
  return impl_->target.text;
}

}  // namespace visema
