#include "live_session.h"

#include <algorithm>
#include <exception>
#include <thread>

#include "live_rehearsal.h"
#include "tap.h"
#include "visema/pipeline/runner.h"
#include "visema/pipeline/thread_name.h"

namespace visema::session {
namespace {

using namespace std::chrono_literals;

constexpr auto kBlock = 10ms;
constexpr std::size_t kBlocksAhead = 3000;  // sound is never dropped: half a minute may wait
constexpr std::size_t kMotionsAhead = 16;
constexpr std::size_t kPicturesAhead = 3;
constexpr auto kFirstSound = 2s;

SampleIndex block_samples(int rate_hz) {
  return rate_hz * kBlock / 1s;
}

/// An input that stalls gives empty blocks, so that the source sees whether its queue was
/// cancelled.
struct Sounding {
  void process(AudioBlock block, const Emit<AudioBlock>& emit) const {
    if (!block.samples.empty()) emit(std::move(block));
  }
  void finish(const Emit<AudioBlock>&) const {}
  void reset() {}
};

}  // namespace

LiveSession::LiveSession(Presenter& presenter, SoundInput* input, const LiveSessionOptions& options,
                         Sink sink)
    : presenter_(presenter),
      input_(input),
      options_(options),
      sink_(std::move(sink)),
      clock_{{}, options.rate_hz, presenter.fps(), {}},
      priorities_(paced() ? options.priority : LivePriority::kNormal, clock_.frame_time()),
      ear_(input, options.ends_with_input, options.rate_hz, options.channels),
      face_(presenter.canonical(), presenter.fps(), options.rate_hz, options.expression,
            options.expression_strength),
      picker_(clock_),
      sound_(options.rate_hz, options.channels),
      pictures_(kPicturesAhead,
                paced() ? PictureLine::Overflow::kDropOldest : PictureLine::Overflow::kWait,
                std::make_shared<const Image>(presenter.first_picture()), presenter.first_alpha()) {
}

void LiveSession::run(std::stop_token stop) {
  const PriorityScope callers_own;
  LiveRehearsal rehearsal;
  std::jthread shows;
  std::exception_ptr show_error;
  const auto begin = [&] {
    if (paced()) wake(rehearsal);
    shows = std::jthread([&] { show_error = show_all(); });
  };
  Tap<SpokenFrame> made([this](const SpokenFrame& spoken) { motion_made(spoken); });
  Tap<SpokenFrame> begins([this](const SpokenFrame&) { render_begins(); });
  Sounding sounding;
  Runner runner;
  auto motions = runner
                     .source<AudioBlock>("hear",
                                         [&](std::stop_token) {
                                           if (!shows.joinable()) begin();
                                           return next_block(stop);
                                         })
                     .stage<AudioBlock>("speech", sounding,
                                        Link::queue(kBlocksAhead, Overflow::kBlock,
                                                    [&] {
                                                      if (paced()) prepare_speech(rehearsal);
                                                    }))
                     .stage<SpokenFrame>("motion", presenter_.speech())
                     .stage<SpokenFrame>("made", made);
  const Link link =
      Link::queue(kMotionsAhead, paced() ? Overflow::kDropOldest : Overflow::kBlock, [&] {
        if (paced()) prepare_pictures(rehearsal);
      });
  auto picked =
      paced()
          ? motions.stage<SpokenFrame>("render", picker_, link).stage<SpokenFrame>("face", face_)
          : motions.stage<SpokenFrame>("render", face_, link);
  picked.stage<SpokenFrame>("begin", begins)
      .stage<PlacedFrame>("template", presenter_.place())
      .stage<RenderedFrame>("picture", presenter_.lanes().front())
      .sink(
          "put", [this](RenderedFrame frame) { put(std::move(frame)); }, Link::direct(),
          [this] { pictures_.close(); });

  std::exception_ptr run_error;
  try {
    runner.run();
  } catch (...) {
    run_error = std::current_exception();
    failed_ = true;
    pictures_.close();
    sound_.end();
  }
  if (shows.joinable()) shows.join();
  if (show_error) std::rethrow_exception(show_error);
  if (run_error) std::rethrow_exception(run_error);
}

/// When all threads are warm, time begins.
void LiveSession::wake(LiveRehearsal& rehearsal) {
  const LiveDuration typical = rehearsal.took().time;
  const LiveDuration allowance = options_.allowance > LiveDuration{}
                                     ? options_.allowance
                                     : render_allowance(typical, clock_.frame_time());
  clock_.delay = live_delay(clock_.fps, kBlock, allowance);
  picker_.allow(typical, allowance);
  const auto until = LiveTime::clock::now() + kFirstSound;
  while (options_.ends_with_input && input_ && input_->available() == 0 && !input_->ended() &&
         LiveTime::clock::now() < until)
    std::this_thread::sleep_for(1ms);
  priorities_.keep_time();
  if (input_ && !input_->waits()) input_->clear();
  clock_.start = LiveTime::clock::now();
}

void LiveSession::prepare_speech(LiveRehearsal& rehearsal) {
  rehearsal.speak(presenter_.speech(), options_.rate_hz, options_.channels);
  priorities_.keep_time();
}

void LiveSession::prepare_pictures(LiveRehearsal& rehearsal) {
  priorities_.paint(rehearsal.paint(presenter_.place(), presenter_.lanes().front()).processor_time);
}

std::optional<AudioBlock> LiveSession::next_block(const std::stop_token& stop) {
  SampleIndex count = block_samples(options_.rate_hz);
  if (options_.most_samples > 0) count = std::min(count, options_.most_samples - heard_);
  bool over = count <= 0 || stop.stop_requested() || failed_;
  AudioBlock block;
  if (!over) block = paced() ? paced_block(count) : waited_block(count);
  over = over || (block.samples.empty() && (paced() || input_->ended()));
  if (over) {
    sound_.end();
    return std::nullopt;
  }
  heard_ += block.size();
  return block;
}

AudioBlock LiveSession::paced_block(SampleIndex count) {
  std::this_thread::sleep_until(clock_.heard(heard_ + count));
  const std::lock_guard lock(hearing_);
  if (ear_.over()) return {};
  AudioBlock block = ear_.hear(count, LiveTime::clock::now());
  if (ear_.statistics().speaking) face_.speech_begins(block.first);
  if (!block.samples.empty()) sound_.append(block);
  return block;
}

AudioBlock LiveSession::waited_block(SampleIndex count) {
  AudioBlock block = ear_.listen(count);
  if (!block.samples.empty()) sound_.append(block);
  return block;
}

LiveTime LiveSession::enough_heard(FrameIndex frame) const {
  return clock_.heard(frame_start(frame, options_.rate_hz, clock_.fps)) + kLookAhead;
}

void LiveSession::motion_made(const SpokenFrame& spoken) {
  if (!paced() || !spoken.motion) return;
  speech_.add(LiveTime::clock::now() - enough_heard(spoken.motion->index));
  picker_.announce(spoken.motion->index);
}

void LiveSession::render_begins() {
  render_began_ = LiveTime::clock::now();
  render_used_ = processor_time();
}

void LiveSession::put(RenderedFrame frame) {
  if (!frame.picture) return;
  const LiveTime now = LiveTime::clock::now();
  render_.add(now - render_began_);
  if (paced()) priorities_.painted(processor_time() - render_used_);
  ++rendered_;
  {
    const std::lock_guard lock(mutex_);
    const auto closing = face_.closing();
    if (interrupted_ && closing && frame.index >= *closing) {
      closing_.add(now - *interrupted_);
      interrupted_.reset();
    }
  }
  PictureLine::Alpha alpha;
  if (!frame.alpha.empty())
    alpha = std::make_shared<const std::vector<std::uint8_t>>(std::move(frame.alpha));
  pictures_.put(frame.index, std::make_shared<const Image>(std::move(*frame.picture)),
                std::move(alpha));
}

/// Returns what it failed with.
std::exception_ptr LiveSession::show_all() {
  name_this_thread("show");
  try {
    if (paced()) priorities_.keep_time();
    show();
    return nullptr;
  } catch (...) {
    failed_ = true;
    pictures_.close();
    return std::current_exception();
  }
}

void LiveSession::show() {
  for (FrameIndex frame = 0;; ++frame) {
    PictureLine::Shown shown =
        pictures_.take(frame, paced() ? std::optional(clock_.deadline(frame)) : std::nullopt);
    auto sound = sound_.take(frame_start(frame, options_.rate_hz, clock_.fps),
                             frame_start(frame + 1, options_.rate_hz, clock_.fps));
    if (!sound) return;
    const SampleIndex begin = sound->first;
    sink_({frame, std::move(shown.picture), std::make_shared<const AudioBlock>(std::move(*sound)),
           std::move(shown.alpha)});
    ++frames_;
    if (shown.repeated) ++repeated_;
    if (shown.late) ++late_;
    if (!paced()) continue;
    const LiveTime now = LiveTime::clock::now();
    delay_.add(now - clock_.heard(begin));
    offset_.add((frame - shown.index) * clock_.frame_time());
    if (!shown.repeated && !shown.late) needed_.add(now - enough_heard(frame));
  }
}

void LiveSession::interrupt() {
  {
    const std::scoped_lock lock(hearing_, mutex_);
    interrupted_ = LiveTime::clock::now();
    ear_.clear();
    sound_.mute();
    face_.close_mouth(sound_.heard());
    picker_.want_next();
  }
  pictures_.clear();
}

LiveReport LiveSession::report() const {
  LiveReport now;
  now.frames = frames_;
  now.rendered = rendered_;
  now.repeated = repeated_;
  now.late = late_;
  now.dropped = picker_.dropped() + pictures_.dropped();
  now.seconds = static_cast<double>(now.frames) / clock_.fps.value();
  const EarStatistics ear = ear_.statistics();
  now.gaps = ear.gaps;
  now.silent_seconds = static_cast<double>(ear.silent) / options_.rate_hz;
  now.utterances_waiting = ear.utterances_waiting;
  now.buffered_seconds = static_cast<double>(ear.buffered) / options_.rate_hz;
  now.speaking = ear.speaking;
  now.paused = ear.paused;
  if (input_) {
    const SoundInputStatistics input = input_->statistics();
    now.connections = input.connections;
    now.input_problem = input.problem;
    now.left_out_seconds = static_cast<double>(input.left_out_frames) / options_.rate_hz;
  }
  now.pictures_waiting = pictures_.waiting();
  now.latencies = {{"speech", speech_.figures()}, {"render", render_.figures()},
                   {"needed", needed_.figures()}, {"delay", delay_.figures()},
                   {"offset", offset_.figures()}, {"closing", closing_.figures()}};
  now.width = presenter_.avatar().width;
  now.height = presenter_.avatar().height;
  now.fps = clock_.fps;
  now.sound_rate_hz = options_.rate_hz;
  now.sound_channels = options_.channels;
  const LivePriorities::Granted priority = priorities_.granted();
  now.sound_priority = priority.sound;
  now.picture_priority = priority.pictures;
  now.priority_refusal = priority.refusal;
  now.device = name_of(presenter_.compute().device);
  now.precision = name_of(presenter_.compute().precision);
  now.threads = presenter_.picture_compute().threads;
  return now;
}

}  // namespace visema::session
