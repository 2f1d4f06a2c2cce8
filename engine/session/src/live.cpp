#include "visema/session/live.h"

#include <cmath>
#include <memory>

#include "live_input.h"
#include "live_outputs.h"
#include "live_session.h"
#include "live_watch.h"
#include "peak_memory.h"
#include "presenter.h"
#include "stopwatch.h"
#include "visema/core/error.h"

namespace visema::session {
namespace {

constexpr int kUtteranceRateHz = 48000;

void check(const LiveOptions& options) {
  if (options.source.empty() == options.avatar.empty())
    throw Error(ErrorCode::kUsage, "live needs a source or an avatar, one of the two");
  if (options.outputs.empty()) throw Error(ErrorCode::kUsage, "live needs an output");
  if (options.pace == LivePace::kOff && (options.input == "queue" || !options.control.empty()))
    throw Error(ErrorCode::kUsage, "pace off: must have an input that ends, and no control");
}

LiveSessionOptions session_options(const LiveOptions& options, const SoundInput* input) {
  LiveSessionOptions session;
  session.rate_hz = input                       ? input->rate_hz()
                    : options.sound_rate_hz > 0 ? options.sound_rate_hz
                                                : kUtteranceRateHz;
  session.channels = input ? input->channels() : 1;
  session.pace = options.pace;
  session.ends_with_input = input && options.control.empty();
  session.most_samples = std::llround(options.duration_s * session.rate_hz);
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
  return output;
}

}  // namespace

LiveReport live(const LiveOptions& options, const ProgressSink& progress, const LogSink& log,
                const LiveStatusSink& status, std::stop_token stop) {
  check(options);
  const auto input = open_live_input(options.input, options.sound_rate_hz);
  const LiveSessionOptions session_is = session_options(options, input.get());
  Presenter presenter(options, session_is.rate_hz, session_is.channels, progress, log, stop);
  LiveOutputs outputs(options.outputs, output_options(options, session_is, presenter));

  std::stop_source stop_here;
  const std::stop_callback pass_on(stop, [&] { stop_here.request_stop(); });
  LiveSession session(presenter, input.get(), session_is, [&](LiveFrame frame) {
    if (options.pace == LivePace::kOff) outputs.wait_for_room(stop_here.get_token());
    outputs.push(frame);
  });
  const Stopwatch watch;
  const auto report_now = [&] {
    LiveReport report = session.report();
    report.outputs = outputs.report();
    report.wall_seconds = watch.seconds();
    report.peak_rss_bytes = peak_rss_bytes();
    return report;
  };
  {
    const LiveWatch watching(report_now, status, log);
    session.run(stop_here.get_token());
    outputs.finish();
  }
  LiveReport report = report_now();
  report.interrupted = stop.stop_requested();
  return report;
}

}  // namespace visema::session
