#include <algorithm>
#include <cstdio>

#include "command.h"
#include "fields.h"
#include "files.h"
#include "live_fields.h"
#include "sessions_file.h"
#include "visema/core/error.h"
#include "visema/core/time.h"

namespace visema::cli {
namespace {

using session::LiveReport;
using session::LiveSessionsReport;
using session::LiveSessionState;

/// Exit code when some sessions failed.
constexpr int kSomeFailed = 7;

std::string summary_of(const LiveReport& report) {
  char text[200];
  std::snprintf(text, sizeof text,
                "live%s: %lld frames at %s/s in %.2f s, %lld repeated, %lld gaps in the sound",
                report.interrupted ? " (interrupted)" : "", static_cast<long long>(report.frames),
                to_string(report.fps).c_str(), report.wall_seconds,
                static_cast<long long>(report.repeated), static_cast<long long>(report.gaps));
  const session::LiveLatency& delay = report.latencies.at("delay");
  if (delay.count == 0) return text;
  char more[60];
  std::snprintf(more, sizeof more, ", delay %.0f ms (95 of 100 frames)", delay.p95_ms);
  return std::string(text) + more;
}

/// What became of the sessions, and why some failed.
std::string summary_of(const LiveSessionsReport& report) {
  std::int64_t frames = 0;
  std::string failures;
  for (const LiveSessionState& one : report.sessions) {
    frames += one.report.frames;
    if (one.state == LiveSessionState::State::kFailed)
      failures += "\n" + one.name + ": failed: " + one.error;
  }
  char text[200];
  std::snprintf(text, sizeof text, "live%s: %zu sessions, %lld frames in %.2f s",
                report.interrupted ? " (interrupted)" : "", report.sessions.size(),
                static_cast<long long>(frames), report.wall_seconds);
  return text + failures;
}

class Live : public Command {
 public:
  std::string name() const override { return "live"; }
  std::string summary() const override {
    return "Make a face speak what comes in, now, to streams, recordings and windows.";
  }
  std::string examples() const override {
    return "  visema live --avatar anna.avatar --mic default --to rtmp://localhost/live/anna \\\n"
           "      --preview\n"
           "  some-tts | visema live --avatar anna.avatar --input pcm:s16le:24000:1:- \\\n"
           "      --to srt://localhost:9000 --to file:record.mkv\n"
           "  visema live --source anna.jpg --input tcp://127.0.0.1:7001 \\\n"
           "      --control unix:/tmp/anna.sock --to hls:/var/www/anna\n"
           "  visema live --source anna.jpg --input speech.mp3 --to file:talk.mkv --pace off\n"
           "  visema live --sessions sessions.toml --control unix:/tmp/live.sock\n"
           "\n"
           "Inputs: mic, mic:DEVICE (see `visema devices`), pcm:FORMAT:RATE:CHANNELS:PATH (- is\n"
           "standard input), tcp://HOST:PORT or unix:PATH (raw sound, listening; add\n"
           "?format=s16le&rate=24000&channels=1&mode=connect), a file or URL, queue (what\n"
           "--control says). Raw formats: s16le s24le s32le f32le u8 mulaw.\n"
           "Outputs: rtmp:// rtmps:// srt:// udp:// rtp:// hls:FOLDER file:PATH (.mkv .ts .flv\n"
           ".webm) v4l2:/dev/videoN raw:- raw:rgba:- raw:bgra:- preview:\n";
  }
  bool reports() const override { return true; }

  void declare(ConfigFields& fields) override {
    fields.add("live.sessions", sessions_, "file of several sessions; other options are defaults");
    add_live_session(fields, "live", settings_);
    add_live_process(fields, "live", settings_);
    fields.add("live.verbose", verbose_, "print a line of figures every second");
  }

  std::vector<std::string> problems() const override {
    return sessions_.empty() ? live_problems(settings_, "--") : std::vector<std::string>{};
  }

  Files files() const override {
    return sessions_.empty() ? live_files(settings_) : Files{{sessions_}, {}};
  }

  Outcome run(const Workplace& workplace) override {
    resolve_models(settings_.options, workplace.engine.default_model_paths());
    return sessions_.empty() ? run_one(workplace) : run_sessions(workplace);
  }

 private:
  Outcome run_one(const Workplace& workplace) const {
    const session::LiveOptions options = whole(settings_);
    workplace.engine.require_models(options.models, session::ModelUse::kRender);
    const auto status = [&](const LiveReport& report) {
      workplace.status(workplace.engine.live_status_line(report), verbose_);
    };
    const LiveReport report =
        workplace.engine.live(options, workplace.progress, workplace.log, status, workplace.stop);
    return {writes_to_standard_output(options) ? "" : summary_of(report),
            workplace.engine.live_report_json(report), report.interrupted};
  }

  Outcome run_sessions(const Workplace& workplace) const {
    const auto read = [&] {
      return read_sessions(sessions_, settings_, workplace.engine.live_problems);
    };
    session::LiveSessionsOptions options = read();
    options.look_up = [this, &read](const std::string& name) {
      for (const session::NamedLive& session : read().sessions)
        if (session.name == name) return session.options;
      throw Error(ErrorCode::kUsage, "session \"" + name + "\": is not in " + sessions_.string());
    };
    workplace.engine.require_models(options.models, session::ModelUse::kRender);
    const auto status = [&](const LiveSessionsReport& report) {
      workplace.status(workplace.engine.live_sessions_status_line(report), verbose_);
    };
    const LiveSessionsReport report =
        workplace.engine.live_sessions(options, workplace.log, status, workplace.stop);
    const bool quiet =
        std::any_of(options.sessions.begin(), options.sessions.end(),
                    [](const auto& session) { return writes_to_standard_output(session.options); });
    return {quiet ? "" : summary_of(report), workplace.engine.live_sessions_report_json(report),
            report.interrupted, report.succeeded() ? 0 : kSomeFailed};
  }

  static bool writes_to_standard_output(const session::LiveOptions& options) {
    return std::any_of(options.outputs.begin(), options.outputs.end(),
                       [](const auto& target) { return target.starts_with("raw:"); });
  }

  std::filesystem::path sessions_;
  LiveSettings settings_;
  bool verbose_ = false;
};

}  // namespace

std::unique_ptr<Command> make_live() {
  return std::make_unique<Live>();
}

}  // namespace visema::cli
