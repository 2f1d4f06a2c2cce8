#include "live_run.h"

#include <cmath>

#include "live_input.h"
#include "memory_use.h"

namespace visema::session {
namespace {

constexpr int kUtteranceRateHz = 48000;

LiveSessionOptions session_options(const LiveOptions& options, const SoundInput* input) {
  LiveSessionOptions session;
  session.rate_hz = input                       ? input->rate_hz()
                    : options.sound_rate_hz > 0 ? options.sound_rate_hz
                                                : kUtteranceRateHz;
  session.channels = input ? input->channels() : 1;
  session.pace = options.pace;
  session.ends_with_input = input && options.control.empty();
  session.most_samples = std::llround(options.duration_s * session.rate_hz);
  session.priority = options.priority;
  session.allowance = std::chrono::milliseconds(options.render_ms);
  session.expression = options.expression;
  session.expression_strength = options.expression_strength;
  return session;
}

LiveOutputOptions output_options(const LiveOptions& options, const LiveSessionOptions& session,
                                 const Presenter& presenter) {
  LiveOutputOptions output;
  output.width = presenter.avatar().width;
  output.height = presenter.avatar().height;
  output.fps = presenter.fps();
  output.audio_rate_hz = session.rate_hz;
  output.audio_channels = session.channels;
  output.bitrate = options.bitrate;
  output.preset = options.preset;
  output.alpha = options.background == "none";
  return output;
}

}  // namespace

LiveRun::LiveRun(const PresenterNetworks& networks, LiveOptions options,
                 const ProgressSink& progress, const LogSink& log, std::stop_token stop)
    : options_(std::move(options)),
      stop_(std::move(stop)),
      input_(open_live_input(options_.input, options_.sound_rate_hz, options_.pace, stop_)),
      session_options_(session_options(options_, input_.get())),
      presenter_(networks, options_, session_options_.rate_hz, session_options_.channels,
                 Lanes::kOne, progress, log, stop_),
      outputs_(options_.outputs, output_options(options_, session_options_, presenter_)),
      session_(presenter_, input_.get(), session_options_,
               [this](const LiveFrame& frame) { show(frame); }) {}

void LiveRun::show(const LiveFrame& frame) {
  if (options_.pace == LivePace::kOff)
    outputs_.wait_for_room([this] { return stop_.stop_requested() || session_.failed(); });
  outputs_.push(frame);
}

void LiveRun::run() {
  session_.run(stop_);
  outputs_.finish();
}

LiveReport LiveRun::report() const {
  LiveReport report = session_.report();
  report.outputs = outputs_.report();
  report.wall_seconds = watch_.seconds();
  report.peak_rss_bytes = peak_rss_bytes();
  return report;
}

}  // namespace visema::session
