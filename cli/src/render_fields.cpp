#include "render_fields.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstdint>

#include "fields.h"
#include "files.h"

namespace visema::cli {
namespace {

using session::Expression;
using session::HeadMotion;
using session::RenderOptions;
using session::TemplateLoop;

constexpr int kMostH264Crf = 51;
constexpr int kMostVp9Crf = 63;

std::string lower_extension(const std::filesystem::path& path) {
  std::string extension = path.extension().string();
  std::transform(extension.begin(), extension.end(), extension.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return extension;
}

void add_seed(ConfigFields& fields, const std::string& name, std::uint64_t& seed) {
  fields.add({name, "another number, other blinks and head movements", "in 0..9223372036854775807",
              [&seed] { return std::to_string(seed); },
              [&seed](std::string_view text) {
                std::int64_t value = 0;
                const char* end = text.data() + text.size();
                const auto [stop, error] = std::from_chars(text.data(), end, value);
                if (error != std::errc() || stop != end || value < 0) return false;
                seed = static_cast<std::uint64_t>(value);
                return true;
              }});
}

}  // namespace

void add_render_files(ConfigFields& fields, const std::string& section, RenderOptions& options) {
  fields.add(section + ".source", options.source, "picture or video whose face speaks");
  fields.add(section + ".avatar", options.avatar,
             "avatar of `visema enroll`, in place of a source");
  fields.add(section + ".audio", options.audio, "sound, or a video with sound");
  fields.add(section + ".out", options.out, "video to write, .mp4, .mov, .mkv or .webm");
}

void add_render_style(ConfigFields& fields, const std::string& section, RenderOptions& options) {
  if (options.preset.empty()) options.preset = kDefaultPreset;
  add_frame_rate(fields, section + ".fps", options.fps);
  add_or_auto(fields, section + ".crf", options.crf, 0, kMostVp9Crf, -1,
              "quality, smaller is better and larger files");
  add_word(fields, section + ".preset", options.preset,
           {"ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow", "slower",
            "veryslow"},
           "effort of the encoder");
  add_bitrate(fields, section + ".bitrate", options.bitrate);
  add_face(fields, section + ".face", options.face, options.face_index);
  fields.add<HeadMotion>(section + ".head-motion", options.head_motion,
                         {{"natural", HeadMotion::kNatural},
                          {"none", HeadMotion::kNone},
                          {"template", HeadMotion::kTemplate}},
                         "auto", "movement of the head; auto: natural for a picture, else its own");
  fields.add<bool>(section + ".blink", options.blink, {{"on", true}, {"off", false}}, "auto",
                   "blinking; auto: on for a picture, else the video's own");
  fields.add<TemplateLoop>(section + ".loop", options.loop,
                           {{"pingpong", TemplateLoop::kPingPong},
                            {"cut", TemplateLoop::kCut},
                            {"hold", TemplateLoop::kHold}},
                           "what follows the last frame of a source video");
  fields.add<Expression>(section + ".expression", options.expression,
                         {{"neutral", Expression::kNeutral},
                          {"happy", Expression::kHappy},
                          {"sad", Expression::kSad},
                          {"angry", Expression::kAngry},
                          {"surprised", Expression::kSurprised}},
                         "expression of the face");
  fields.add(section + ".expression-strength", options.expression_strength, 0.0, 2.0,
             "how much of it");
  add_seed(fields, section + ".seed", options.seed);
  add_compute(fields, section, options.compute);
  add_models(fields, section, options.models);
}

std::vector<std::string> render_problems(const RenderOptions& options, const std::string& prefix) {
  std::vector<std::string> problems;
  const auto require = [&](bool holds, const std::string& text) {
    if (!holds) problems.push_back(text);
  };
  require(options.source.empty() != options.avatar.empty(),
          options.source.empty() ? prefix + "source or " + prefix + "avatar is needed"
                                 : prefix + "source and " + prefix + "avatar exclude each other");
  require(!options.audio.empty(), prefix + "audio is needed");
  require(!options.out.empty(), prefix + "out is needed");
  if (options.out.empty()) return problems;
  const std::string extension = lower_extension(options.out);
  const bool h264 = extension == ".mp4" || extension == ".mov" || extension == ".mkv";
  require(h264 || extension == ".webm", options.out.string() + ": extension \"" + extension +
                                            "\": must be one of .mp4, .mov, .mkv, .webm (" +
                                            prefix + "out)");
  require(!h264 || options.crf <= kMostH264Crf,
          (prefix.empty() ? "crf = " : "render.crf = ") + std::to_string(options.crf) +
              ": must be in 0.." + std::to_string(kMostH264Crf) + " for " + extension);
  require(options.crf < 0 || options.bitrate == 0,
          prefix + "crf and " + prefix + "bitrate exclude each other");
  for (const auto& input : {options.source, options.avatar, options.audio})
    require(!same_file(input, options.out),
            options.out.string() + ": the output would overwrite an input");
  return problems;
}

}  // namespace visema::cli
