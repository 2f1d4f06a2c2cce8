#include "visema/session/live.h"

#include <cmath>
#include <memory>

#include "live_control.h"
#include "live_input.h"
#include "live_metrics.h"
#include "live_outputs.h"
#include "live_session.h"
#include "live_watch.h"
#include "peak_memory.h"
#include "presenter.h"
#include "socket_server.h"
#include "stopwatch.h"
#include "visema/core/error.h"

namespace visema::session {
namespace {

constexpr int kUtteranceRateHz = 48000;
constexpr std::size_t kMostCommandBytes = 16 << 20;
constexpr std::size_t kMostRequestBytes = 16 << 10;

bool ends(const std::string& input) {
  return input != "queue" && input != "mic" && !input.starts_with("mic:") &&
         !input.starts_with("tcp://") && !input.starts_with("unix:");
}

void check(const LiveOptions& options) {
  if (options.source.empty() == options.avatar.empty())
    throw Error(ErrorCode::kUsage, "live needs a source or an avatar, one of the two");
  if (options.outputs.empty()) throw Error(ErrorCode::kUsage, "live needs an output");
  if (!options.control.empty()) SocketAddress::parse(options.control);
  if (!options.metrics.empty()) SocketAddress::parse("tcp://" + options.metrics);
  if (options.pace == LivePace::kOff && (!ends(options.input) || !options.control.empty()))
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

/// Answers every whole line. One that can be no command ends the connection: its sender speaks
/// something else, such as HTTP, and what follows must not be taken for commands.
void answer_lines(LiveControl& control, SocketServer::Exchange& exchange) {
  std::size_t begin = 0;
  for (auto end = exchange.received.find('\n'); end != std::string::npos && !exchange.close;
       end = exchange.received.find('\n', begin)) {
    const std::string line = exchange.received.substr(begin, end - begin);
    begin = end + 1;
    const auto first = line.find_first_not_of(" \r\t");
    if (first == std::string::npos) continue;
    exchange.reply += control.answer(line) + "\n";
    exchange.close = line[first] != '{';
  }
  if (exchange.close)
    exchange.received.clear();
  else
    exchange.received.erase(0, begin);
}

/// Answers one request and closes.
void answer_request(const LiveReport& report, SocketServer::Exchange& exchange) {
  if (exchange.received.find("\r\n\r\n") == std::string::npos) return;
  exchange.reply = http_answer(exchange.received, prometheus_text(report));
  exchange.received.clear();
  exchange.close = true;
}

/// The sockets of a run, as far as it has some.
class LiveServers {
 public:
  LiveServers(const LiveOptions& options, LiveSession& session,
              const std::function<LiveReport()>& report, const std::function<void()>& shut_down)
      : control_(session, report, shut_down) {
    if (!options.control.empty())
      servers_.push_back(std::make_unique<SocketServer>(
          SocketAddress::parse(options.control), "control", kMostCommandBytes,
          [this](SocketServer::Exchange& exchange) { answer_lines(control_, exchange); }));
    if (!options.metrics.empty())
      servers_.push_back(std::make_unique<SocketServer>(
          SocketAddress::parse("tcp://" + options.metrics), "metrics", kMostRequestBytes,
          [report](SocketServer::Exchange& exchange) { answer_request(report(), exchange); }));
  }

 private:
  LiveControl control_;
  std::vector<std::unique_ptr<SocketServer>> servers_;
};

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

LiveReport live(const LiveOptions& options, const ProgressSink& progress, const LogSink& log,
                const LiveStatusSink& status, std::stop_token stop) {
  check(options);
  const auto input = open_live_input(options.input, options.sound_rate_hz, stop);
  const LiveSessionOptions session_is = session_options(options, input.get());
  const PresenterNetworks networks(options.models, options.compute);
  Presenter presenter(networks, options, session_is.rate_hz, session_is.channels, progress, log,
                      stop);
  LiveOutputs outputs(options.outputs, output_options(options, session_is, presenter));

  std::stop_source stop_here;
  const std::stop_callback pass_on(stop, [&] { stop_here.request_stop(); });
  LiveSession session(presenter, input.get(), session_is, [&](const LiveFrame& frame) {
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
    const LiveServers servers(options, session, report_now, [&] { stop_here.request_stop(); });
    const LiveWatch watching(report_now, status, log);
    session.run(stop_here.get_token());
    outputs.finish();
  }
  LiveReport report = report_now();
  report.interrupted = stop.stop_requested();
  return report;
}

}  // namespace visema::session
