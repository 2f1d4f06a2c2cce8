#include <algorithm>
#include <cctype>
#include <cstdio>

#include "command.h"
#include "fields.h"
#include "files.h"
#include "visema/core/time.h"

namespace visema::cli {
namespace {

using session::RenderOptions;
using session::RenderReport;

constexpr int kMostH264Crf = 51;
constexpr int kMostVp9Crf = 63;

std::string lower_extension(const std::filesystem::path& path) {
  std::string extension = path.extension().string();
  std::transform(extension.begin(), extension.end(), extension.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return extension;
}

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
  Render() { options_.preset = "veryfast"; }

  std::string name() const override { return "render"; }
  std::string summary() const override {
    return "Make the face of a picture, a video or an avatar speak a sound.";
  }
  std::string examples() const override {
    return "  visema render --source presenter.jpg --audio speech.wav --out talk.mp4\n"
           "  visema render --source presenter.mp4 --audio speech.mp3 --out dubbed.mp4\n"
           "  visema render --avatar presenter.avatar --audio speech.wav --out talk.webm\n"
           "  visema render --source p.jpg --audio s.wav --out t.mp4 --expression happy --seed 7\n"
           "  visema render --config talk.conf --out other.mp4 --report figures.json\n";
  }
  bool reports() const override { return true; }

  void declare(ConfigFields& fields) override {
    add_presenter(fields, "render", options_);
    fields.add("render.audio", options_.audio, "sound, or a video with sound");
    fields.add("render.out", options_.out, "video to write, .mp4, .mov, .mkv or .webm");
    add_or_auto(fields, "render.crf", options_.crf, 0, kMostVp9Crf, -1,
                "quality, smaller is better and larger files");
    add_preset(fields, "render.preset", options_.preset);
    add_bitrate(fields, "render.bitrate", options_.bitrate);
    fields.add("render.seed", seed_, std::int64_t{0}, INT64_MAX,
               "another number, other blinks and head movements");
    add_compute(fields, "render", options_.compute);
    add_models(fields, "render", options_.models);
  }

  std::vector<std::string> problems() const override {
    std::vector<std::string> problems = problems_of(options_);
    const auto require = [&](bool holds, const std::string& text) {
      if (!holds) problems.push_back(text);
    };
    require(!options_.audio.empty(), "--audio is needed");
    require(!options_.out.empty(), "--out is needed");
    if (options_.out.empty()) return problems;
    const std::string extension = lower_extension(options_.out);
    const bool h264 = extension == ".mp4" || extension == ".mov" || extension == ".mkv";
    require(h264 || extension == ".webm", options_.out.string() + ": extension \"" + extension +
                                              "\": must be one of .mp4, .mov, .mkv, .webm (--out)");
    require(!h264 || options_.crf <= kMostH264Crf,
            "render.crf = " + std::to_string(options_.crf) + ": must be in 0.." +
                std::to_string(kMostH264Crf) + " for " + extension);
    require(options_.crf < 0 || options_.bitrate == 0, "--crf and --bitrate exclude each other");
    for (const auto& input : {options_.source, options_.avatar, options_.audio})
      require(!same_file(input, options_.out),
              options_.out.string() + ": the output would overwrite an input");
    return problems;
  }

  Files files() const override {
    return {{options_.source, options_.avatar, options_.audio}, {options_.out}};
  }

  double frames_per_second() const override {
    return options_.fps == "source" ? 0 : parse_frame_rate(options_.fps).value();
  }

  Outcome run(const Workplace& workplace) override {
    options_.seed = static_cast<std::uint64_t>(seed_);
    options_.models = resolve(options_.models, workplace.engine.default_model_paths());
    workplace.engine.require_models(options_.models, session::ModelUse::kRender);
    const RenderReport report =
        workplace.engine.render(options_, workplace.progress, workplace.log, workplace.stop);
    return {summary_of(report, options_.out), workplace.engine.report_json(report),
            report.interrupted};
  }

 private:
  RenderOptions options_;
  std::int64_t seed_ = 1;
};

}  // namespace

std::unique_ptr<Command> make_render() {
  return std::make_unique<Render>();
}

}  // namespace visema::cli
