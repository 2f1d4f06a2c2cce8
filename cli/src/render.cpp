#include <cstdio>

#include "command.h"
#include "fields.h"
#include "iplap_fields.h"
#include "render_fields.h"
#include "visema/core/time.h"

namespace visema::cli {
namespace {

using session::RenderOptions;
using session::RenderReport;

std::string summary_of(const RenderReport& report, const std::filesystem::path& out) {
  char text[160];
  std::snprintf(
      text, sizeof text, ": %lld frames at %s/s, %.2f s of sound in %.2f s (%.2fx real time, %s)",
      static_cast<long long>(report.frames), to_string(report.fps).c_str(), report.audio_seconds,
      report.wall_seconds, report.realtime_factor, report.precision.c_str());
  return out.string() + (report.interrupted ? " (interrupted)" : "") + text;
}

class Render : public Command {
 public:
  std::string name() const override { return "render"; }
  std::string summary() const override {
    return "Make the face of a picture, a video or an avatar speak a sound.";
  }
  std::string examples() const override {
    return "  visema render --source presenter.jpg --audio speech.wav --out talk.mp4\n"
           "  visema render --source presenter.mp4 --audio speech.mp3 --out dubbed.mp4\n"
           "  visema render --avatar presenter.avatar --audio speech.wav --out talk.webm\n"
           "  visema render --source p.jpg --audio s.wav --out t.mp4 --expression happy --seed 7\n"
           "  visema render --model models/ip-lap --source p.mp4 --audio s.wav --out dubbed.mp4\n"
           "  visema render --config talk.conf --out other.mp4 --report figures.json\n";
  }
  bool reports() const override { return true; }

  void declare(ConfigFields& fields) override {
    add_render_files(fields, "render", options_);
    add_render_style(fields, "render", options_);
    add_iplap(fields, "render", options_.ip_lap);
  }

  std::vector<std::string> problems() const override {
    std::vector<std::string> problems = render_problems(options_, "--");
    const auto more = iplap_problems(options_, "--");
    problems.insert(problems.end(), more.begin(), more.end());
    return problems;
  }

  Files files() const override {
    return {{options_.source, options_.avatar, options_.audio,
             session::background_file(options_.background)},
            {options_.out}};
  }

  double frames_per_second() const override {
    return options_.fps == "source" ? 0 : parse_frame_rate(options_.fps).value();
  }

  Outcome run(const Workplace& workplace) override {
    resolve_models(options_, workplace.engine.default_model_paths());
    const bool own_networks = options_.ip_lap.model.empty();
    workplace.engine.require_models(
        options_.models, own_networks ? session::ModelUse::kRender : session::ModelUse::kTrack);
    const RenderReport report =
        workplace.engine.render(options_, workplace.progress, workplace.log, workplace.stop);
    return {summary_of(report, options_.out), workplace.engine.report_json(report),
            report.interrupted};
  }

 private:
  RenderOptions options_;
};

}  // namespace

std::unique_ptr<Command> make_render() {
  return std::make_unique<Render>();
}

}  // namespace visema::cli
