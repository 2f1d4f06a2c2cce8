#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

#include "visema/batch/batch.h"

namespace visema::batch {

using nlohmann::ordered_json;

std::string to_json(const BatchReport& report) {
  std::map<std::string, int> causes;
  ordered_json failures = ordered_json::array();
  for (const JobRecord& record : report.failures) {
    const std::string cause(cause_of(record.error_code));
    ++causes[cause];
    failures.push_back({{"id", record.id}, {"cause", cause}, {"error", record.error}});
  }
  const double spent = report.wall_seconds * report.workers;
  const ordered_json json = {
      {"jobs",
       {{"total", report.jobs.total()},
        {"done", report.jobs.done},
        {"failed", report.jobs.failed},
        {"waiting", report.jobs.waiting + report.jobs.running},
        {"cancelled", report.jobs.cancelled}}},
      {"verified", report.verified},
      {"rendered", report.rendered},
      {"attempts", report.attempts},
      {"enrolments", report.enrolments},
      {"video_hours", report.video_seconds / 3600},
      {"video_seconds", report.video_seconds},
      {"prepare_seconds", report.prepare_seconds},
      {"wall_seconds", report.wall_seconds},
      {"render_seconds", report.render_seconds},
      {"realtime_factor", report.wall_seconds > 0 ? report.video_seconds / report.wall_seconds : 0},
      {"busy", spent > 0 ? report.render_seconds / spent : 0},
      {"workers", report.workers},
      {"peak_rss_bytes", report.peak_rss_bytes},
      {"peak_worker_rss_bytes", report.peak_worker_rss_bytes},
      {"peak_painter_rss_bytes", report.peak_painter_rss_bytes},
      {"painters", report.painters},
      {"painted_pictures", report.painted.pictures},
      {"paint_calls", std::llround(report.painted.calls)},
      {"failures_by_cause", causes},
      {"failures", failures},
      {"on_done_failures", report.on_done_failures},
      {"interrupted", report.interrupted}};
  return json.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace visema::batch
