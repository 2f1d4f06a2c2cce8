#include "render_fields.h"

#include <algorithm>
#include <cctype>

#include "fields.h"
#include "files.h"

namespace visema::cli {
namespace {

using session::RenderOptions;

constexpr int kMostH264Crf = 51;
constexpr int kMostVp9Crf = 63;

std::string lower_extension(const std::filesystem::path& path) {
  std::string extension = path.extension().string();
  std::transform(extension.begin(), extension.end(), extension.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return extension;
}

}  // namespace

void add_render_files(ConfigFields& fields, const std::string& section, RenderOptions& options) {
  add_source(fields, section, options);
  fields.add(section + ".audio", options.audio, "sound, or a video with sound");
  fields.add(section + ".out", options.out, "video to write, .mp4, .mov, .mkv or .webm");
}

void add_render_style(ConfigFields& fields, const std::string& section, RenderOptions& options) {
  if (options.preset.empty()) options.preset = kDefaultPreset;
  add_presenter(fields, section, options);
  add_or_auto(fields, section + ".crf", options.crf, 0, kMostVp9Crf, -1,
              "quality, smaller is better and larger files");
  add_preset(fields, section + ".preset", options.preset);
  add_bitrate(fields, section + ".bitrate", options.bitrate);
  add_seed(fields, section + ".seed", options.seed);
  add_compute(fields, section, options.compute);
  add_models(fields, section, options.models);
  add_quality(fields, section, options.models, "an adapted avatar's own, else standard");
  add_look_ahead(fields, section, options.models);
}

std::vector<std::string> render_problems(const RenderOptions& options, const std::string& prefix) {
  std::vector<std::string> problems = problems_of(options, prefix);
  const auto require = [&](bool holds, const std::string& text) {
    if (!holds) problems.push_back(text);
  };
  require(!options.audio.empty(), prefix + "audio is needed");
  require(!options.out.empty(), prefix + "out is needed");
  if (options.out.empty()) return problems;
  const std::string extension = lower_extension(options.out);
  const bool h264 = extension == ".mp4" || extension == ".mov" || extension == ".mkv";
  require(h264 || extension == ".webm", options.out.string() + ": extension \"" + extension +
                                            "\": must be one of .mp4, .mov, .mkv, .webm (" +
                                            prefix + "out)");
  require(!h264 || options.background != "none", options.out.string() + ": " + extension +
                                                     " carries no transparency; must be .webm (" +
                                                     prefix + "background none)");
  require(!h264 || options.crf <= kMostH264Crf,
          (prefix.empty() ? "crf = " : "render.crf = ") + std::to_string(options.crf) +
              ": must be in 0.." + std::to_string(kMostH264Crf) + " for " + extension);
  require(options.crf < 0 || options.bitrate == 0,
          prefix + "crf and " + prefix + "bitrate exclude each other");
  require(!same_file(options.source, options.out) && !same_file(options.avatar, options.out) &&
              !same_file(options.audio, options.out),
          options.out.string() + ": the output would overwrite an input");
  return problems;
}

}  // namespace visema::cli
