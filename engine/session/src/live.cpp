#include "visema/session/live.h"

#include "live_check.h"
#include "live_control.h"
#include "live_metrics.h"
#include "live_models.h"
#include "live_run.h"
#include "live_servers.h"
#include "live_watch.h"

namespace visema::session {

LiveReport live(const LiveOptions& options, const ProgressSink& progress, const LogSink& log,
                const LiveStatusSink& status, std::stop_token stop) {
  refuse(live_problems(options));
  const PresenterNetworks networks(
      live_models(options.models, options.compute, options.pace, log), options.compute,
      options.pace == LivePace::kRealTime ? SpeechThreads::kOne : SpeechThreads::kAll);
  std::stop_source stop_here;
  const std::stop_callback pass_on(stop, [&] { stop_here.request_stop(); });
  LiveRun run(networks, options, progress, log, stop_here.get_token());
  const auto report_now = [&] { return run.report(); };
  LiveControl control(run.session(), report_now, [&] { stop_here.request_stop(); });
  {
    LiveServers servers(
        {options.control, options.metrics},
        [&](const std::string& line) { return control.answer(line); },
        [&] { return prometheus_text(report_now()); });
    servers.start();
    const LiveWatch watching(report_now, status, log);
    run.run();
  }
  LiveReport report = report_now();
  report.interrupted = stop.stop_requested();
  return report;
}

}  // namespace visema::session
