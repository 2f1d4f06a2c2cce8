#include <cmath>
#include <cstdio>

#include "command.h"
#include "fields.h"
#include "files.h"
#include "visema/core/time.h"

namespace visema::cli {
namespace {

using session::LiveOptions;
using session::LivePace;
using session::LiveReport;

constexpr double kLongestRun = 1e9;
constexpr int kMostRenderMs = 5000;
constexpr int kMostSoundRateHz = 192000;

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

bool is_microphone(const std::string& input) {
  return input == "mic" || input.starts_with("mic:");
}

bool is_socket(const std::string& input) {
  return input.starts_with("tcp://") || input.starts_with("unix:");
}

/// The file that an input is read from; empty: none.
std::filesystem::path input_file_of(const std::string& input) {
  constexpr int kColons = 4;  // pcm:FORMAT:RATE:CHANNELS:PATH
  if (input == "queue" || is_microphone(input) || is_socket(input)) return {};
  if (input.starts_with("pcm:")) {
    std::size_t at = 0;
    for (int i = 0; i < kColons && at != std::string::npos; ++i)
      at = input.find(':', at + (i > 0 ? 1 : 0));
    const std::string path = at == std::string::npos ? "" : input.substr(at + 1);
    return path == "-" ? "" : path;
  }
  std::error_code ignored;
  return std::filesystem::exists(input, ignored) ? input : std::string();
}

/// What an output leaves behind as a file; empty: none.
std::filesystem::path file_of(const std::string& target) {
  constexpr std::string_view kFile = "file:";
  return target.starts_with(kFile) ? target.substr(kFile.size()) : std::string();
}

class Live : public Command {
 public:
  Live() { options_.preset = "veryfast"; }

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
    add_source(fields, "live", options_);
    add_presenter(fields, "live", options_);
    fields.add("live.input", options_.input,
               "where the sound comes from: mic, pcm:..., tcp://..., unix:..., file, URL or queue");
    fields.add("live.mic", microphone_, "device of the input mic, in place of --input mic:DEVICE");
    fields.add("live.to", options_.outputs, "where picture and sound go");
    fields.add("live.preview", preview_, "show a window too, as --to preview:");
    fields.add("live.control", options_.control,
               "socket for commands, unix:PATH or tcp://127.0.0.1:PORT");
    fields.add("live.metrics", options_.metrics, "HOST:PORT that serves figures for Prometheus");
    fields.add<LivePace>("live.pace", options_.pace,
                         {{"on", LivePace::kRealTime}, {"off", LivePace::kOff}},
                         "off: as fast as it goes, nothing dropped, as `visema render`");
    fields.add("live.duration", options_.duration_s, 0.0, kLongestRun,
               "seconds after which it ends, 0: not by itself");
    fields.add("live.render-ms", options_.render_ms, 0, kMostRenderMs,
               "milliseconds that a picture may take, adds to the delay; 0: measured at the start");
    fields.add("live.sound-rate", options_.sound_rate_hz, 0, kMostSoundRateHz,
               "samples a second of a file's sound, 0: the file's own");
    add_preset(fields, "live.preset", options_.preset);
    add_bitrate(fields, "live.bitrate", options_.bitrate);
    fields.add("live.verbose", verbose_, "print a line of figures every second");
    add_seed(fields, "live.seed", options_.seed);
    add_compute(fields, "live", options_.compute);
    add_models(fields, "live", options_.models);
  }

  std::vector<std::string> problems() const override {
    std::vector<std::string> problems = problems_of(options_, "--");
    if (options_.outputs.empty() && !preview_) problems.emplace_back("--to is needed");
    if (!microphone_.empty() && options_.input != "queue")
      problems.emplace_back("--mic and --input exclude each other");
    if (options_.pace == LivePace::kOff && (!input_ends() || !options_.control.empty()))
      problems.emplace_back("--pace off needs an --input that ends, and no --control");
    return problems;
  }

  Files files() const override {
    Files files{{options_.source, options_.avatar, input_file_of(options_.input)}, {}};
    for (const std::string& target : options_.outputs) files.outputs.push_back(file_of(target));
    return files;
  }

  Outcome run(const Workplace& workplace) override {
    if (!microphone_.empty()) options_.input = "mic:" + microphone_;
    if (preview_) options_.outputs.emplace_back("preview:");
    options_.models = resolve(options_.models, workplace.engine.default_model_paths());
    workplace.engine.require_models(options_.models, session::ModelUse::kRender);
    const auto status = [&](const LiveReport& report) {
      workplace.status(workplace.engine.live_status_line(report), verbose_);
    };
    const LiveReport report =
        workplace.engine.live(options_, workplace.progress, workplace.log, status, workplace.stop);
    return {writes_to_standard_output() ? "" : summary_of(report),
            workplace.engine.live_report_json(report), report.interrupted};
  }

 private:
  bool input_ends() const {
    return microphone_.empty() && options_.input != "queue" && !is_microphone(options_.input) &&
           !is_socket(options_.input);
  }

  bool writes_to_standard_output() const {
    for (const std::string& target : options_.outputs)
      if (target.starts_with("raw:")) return true;
    return false;
  }

  LiveOptions options_;
  bool verbose_ = false;
  bool preview_ = false;
  std::string microphone_;
};

}  // namespace

std::unique_ptr<Command> make_live() {
  return std::make_unique<Live>();
}

}  // namespace visema::cli
