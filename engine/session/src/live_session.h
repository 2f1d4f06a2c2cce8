#pragma once

#include <atomic>
#include <exception>
#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>

#include "frame_picker.h"
#include "latency_meter.h"
#include "live_clock.h"
#include "live_ear.h"
#include "live_face.h"
#include "live_priority.h"
#include "live_rehearsal.h"
#include "picture_line.h"
#include "presenter.h"
#include "sound_line.h"
#include "visema/audio/sound_input.h"
#include "visema/media/live_output.h"
#include "visema/session/live.h"

namespace visema::session {

struct LiveSessionOptions {
  int rate_hz = 48000;
  int channels = 1;
  LivePace pace = LivePace::kRealTime;
  bool ends_with_input = true;
  SampleIndex most_samples = 0;  // 0: no limit
  LivePriority priority = LivePriority::kAuto;
  LiveDuration allowance{};  // that rendering may take; 0: measured at the start
  Expression expression = Expression::kNeutral;  // as the presenter was made with
  double expression_strength = 1;
};

/// From sound to frames that leave on time, each with its sound, from frame 0 on without a gap.
/// Sound is never lost: where rendering falls behind, the picture before stands a little longer.
/// With LivePace::kOff everything waits for everything and the frames are those of render().
///
/// Threads: run() hears, in its caller; "speech", "render" and "show" are its own. Every other
/// member may be called from any thread.
class LiveSession {
 public:
  using Sink = std::function<void(LiveFrame)>;

  /// `input` may be null: utterances and silence. All must outlive it. The sink is called by the
  /// thread "show".
  LiveSession(Presenter& presenter, SoundInput* input, const LiveSessionOptions& options,
              Sink sink);

  /// Until the input ends, the limit is reached or a stop is requested; then what was heard is
  /// still shown. Once.
  void run(std::stop_token stop);

  void say(std::shared_ptr<SoundInput> utterance) { ear_.say(std::move(utterance)); }
  /// Forgets all that is to be said, fades the sound out and closes the mouth.
  void interrupt();
  void pause(bool paused) { ear_.pause(paused); }
  void express(Expression expression, double strength) { face_.express(expression, strength); }
  void look(double x, double y) { face_.look(x, y); }
  /// All of the report that concerns the frames and what was heard.
  LiveReport report() const;

  /// Whether run() will throw: a sink that waits should wait no longer. Any thread.
  bool failed() const { return failed_; }
  const LiveSessionOptions& options() const { return options_; }

 private:
  bool paced() const { return options_.pace == LivePace::kRealTime; }
  void wake(LiveRehearsal& rehearsal);
  void prepare_speech(LiveRehearsal& rehearsal);
  void prepare_pictures(LiveRehearsal& rehearsal);
  std::optional<AudioBlock> next_block(const std::stop_token& stop);
  AudioBlock paced_block(SampleIndex count);
  AudioBlock waited_block(SampleIndex count);
  void motion_made(const SpokenFrame& spoken);
  void render_begins();
  void put(RenderedFrame frame);
  std::exception_ptr show_all();
  void show();
  LiveTime enough_heard(FrameIndex frame) const;

  Presenter& presenter_;
  SoundInput* const input_;
  const LiveSessionOptions options_;
  const Sink sink_;
  LiveClock clock_;
  LivePriorities priorities_;
  LiveEar ear_;
  LiveFace face_;
  FramePicker picker_;
  SoundLine sound_;
  PictureLine pictures_;
  SampleIndex heard_ = 0;
  LiveTime render_began_;
  LiveDuration render_used_{};  // processor time before
  std::atomic<bool> failed_{false};

  std::mutex hearing_;  // between an interruption and the block that is being heard
  mutable std::mutex mutex_;
  std::optional<LiveTime> interrupted_;  // and no picture has answered yet
  std::atomic<std::int64_t> frames_{0}, rendered_{0}, repeated_{0}, late_{0};
  LatencyMeter speech_, render_, needed_, delay_, offset_, closing_;
};

}  // namespace visema::session
