#include "live_fields.h"

#include "fields.h"

namespace visema::cli {
namespace {

using session::LivePace;
using session::LivePriority;

constexpr double kLongestRun = 1e9;
constexpr int kMostRenderMs = 5000;
constexpr int kMostSoundRateHz = 192000;

bool is_microphone(const std::string& input) {
  return input == "mic" || input.starts_with("mic:");
}

bool is_socket(const std::string& input) {
  return input.starts_with("tcp://") || input.starts_with("unix:");
}

bool ends(const std::string& input) {
  return input != "queue" && !is_microphone(input) && !is_socket(input);
}

/// The file that an input is read from; empty: none.
std::filesystem::path input_file_of(const std::string& input) {
  constexpr int kColons = 4;  // pcm:FORMAT:RATE:CHANNELS:PATH
  if (!ends(input)) return {};
  if (input.starts_with("pcm:")) {
    std::size_t at = 0;
    for (int i = 0; i < kColons && at != std::string::npos; ++i)
      at = input.find(':', at + (i > 0 ? 1 : 0));
    const std::string path = at == std::string::npos ? "" : input.substr(at + 1);
    return path == "-" ? "" : path;
  }
  std::error_code ignored;
  const bool url = input.find(':') != std::string::npos;
  return !url || std::filesystem::exists(input, ignored) ? input : std::string();
}

/// What an output leaves behind as a file; empty: none.
std::filesystem::path file_of(const std::string& target) {
  constexpr std::string_view kFile = "file:";
  return target.starts_with(kFile) ? target.substr(kFile.size()) : std::string();
}

}  // namespace

void add_live_session(ConfigFields& fields, const std::string& section, LiveSettings& settings) {
  session::LiveOptions& options = settings.options;
  const auto name = [&](const char* field) { return section + "." + field; };
  add_source(fields, section, options);
  add_presenter(fields, section, options);
  fields.add(name("input"), options.input,
             "where the sound comes from: mic, pcm:..., tcp://..., unix:..., file, URL or queue");
  fields.add(name("mic"), settings.microphone,
             "device of the input mic, in place of --input mic:DEVICE");
  fields.add(name("to"), options.outputs, "where picture and sound go");
  fields.add(name("preview"), settings.preview, "show a window too, as --to preview:");
  fields.add<LivePace>(name("pace"), options.pace,
                       {{"on", LivePace::kRealTime}, {"off", LivePace::kOff}},
                       "off: as fast as it goes, nothing dropped, as `visema render`");
  fields.add<LivePriority>(name("priority"), options.priority,
                           {{"auto", LivePriority::kAuto},
                            {"normal", LivePriority::kNormal},
                            {"realtime", LivePriority::kRealTime}},
                           "what its threads run before, where the system allows it; auto: in real "
                           "time, unless started with nice");
  fields.add(name("duration"), options.duration_s, 0.0, kLongestRun,
             "seconds after which it ends, 0: not by itself");
  fields.add(name("render-ms"), options.render_ms, 0, kMostRenderMs,
             "milliseconds that a picture may take, adds to the delay; 0: measured at the start");
  fields.add(name("sound-rate"), options.sound_rate_hz, 0, kMostSoundRateHz,
             "samples a second of a file's sound, 0: the file's own");
  add_preset(fields, name("preset"), options.preset);
  add_bitrate(fields, name("bitrate"), options.bitrate);
  add_seed(fields, name("seed"), options.seed);
}

void add_live_process(ConfigFields& fields, const std::string& section, LiveSettings& settings) {
  session::LiveOptions& options = settings.options;
  fields.add(section + ".control", options.control,
             "socket for commands, unix:PATH or tcp://127.0.0.1:PORT");
  fields.add(section + ".metrics", options.metrics, "HOST:PORT that serves figures for Prometheus");
  add_compute(fields, section, options.compute);
  add_models(fields, section, options.models);
  add_quality(
      fields, section, options.models,
      "an adapted avatar's own, else light on one thread (with pace) and standard on several");
}

std::vector<std::string> live_problems(const LiveSettings& settings, const std::string& prefix) {
  const session::LiveOptions& options = settings.options;
  std::vector<std::string> problems = problems_of(options, prefix);
  const auto require = [&](bool holds, const std::string& text) {
    if (!holds) problems.push_back(text);
  };
  require(!options.outputs.empty() || settings.preview, prefix + "to is needed");
  require(settings.microphone.empty() || options.input == "queue",
          prefix + "mic and " + prefix + "input exclude each other");
  require(
      options.pace != LivePace::kOff || (ends(whole(settings).input) && options.control.empty()),
      prefix + "pace off needs an " + prefix + "input that ends, and no " + prefix + "control");
  return problems;
}

Files live_files(const LiveSettings& settings) {
  const session::LiveOptions& options = settings.options;
  Files files{{options.source, options.avatar, input_file_of(options.input),
               session::background_file(options.background)},
              {}};
  for (const std::string& target : options.outputs) files.outputs.push_back(file_of(target));
  return files;
}

session::LiveOptions whole(const LiveSettings& settings) {
  session::LiveOptions options = settings.options;
  if (!settings.microphone.empty()) options.input = "mic:" + settings.microphone;
  if (settings.preview) options.outputs.emplace_back("preview:");
  return options;
}

}  // namespace visema::cli
