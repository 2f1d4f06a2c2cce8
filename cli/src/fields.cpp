#include "fields.h"

#include <charconv>

#include "visema/core/error.h"
#include "visema/core/time.h"

namespace visema::cli {
namespace {

constexpr int kMostFaces = 1000;
constexpr int kMostThreads = 1024;
constexpr std::int64_t kLeastBitrate = 1000;
constexpr std::int64_t kMostBitrate = 1'000'000'000;

template <typename Number>
bool parse_number(std::string_view text, Number low, Number high, Number& value) {
  Number number{};
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || stop != end || number < low || number > high) return false;
  value = number;
  return true;
}

const std::vector<std::pair<std::string, session::FaceChoice>>& face_words() {
  static const std::vector<std::pair<std::string, session::FaceChoice>> kWords = {
      {"largest", session::FaceChoice::kLargest},
      {"left", session::FaceChoice::kLeft},
      {"right", session::FaceChoice::kRight}};
  return kWords;
}

bool is_frame_rate(std::string_view text) {
  if (text == "source") return true;
  try {
    parse_frame_rate(text);
    return true;
  } catch (const Error&) {
    return false;
  }
}

/// Decimals that stand for a rate of NTSC (SMPTE ST 2036-1), which they only come near.
std::string exact_rate(std::string_view text) {
  if (text == "23.976" || text == "23.98") return "24000/1001";
  if (text == "29.97") return "30000/1001";
  if (text == "59.94") return "60000/1001";
  return std::string(text);
}

/// A path that begins with # needs ./ before it.
bool is_background(std::string_view text) {
  constexpr std::size_t kColourLetters = 7;
  if (!text.starts_with('#')) return !text.empty();
  return text.size() == kColourLetters &&
         text.find_first_not_of("0123456789abcdefABCDEF", 1) == std::string_view::npos;
}

bool parse_bitrate(std::string_view text, std::int64_t& bitrate) {
  if (text == "auto") {
    bitrate = 0;
    return true;
  }
  std::int64_t unit = 1;
  if (text.ends_with('k')) unit = 1000;
  if (text.ends_with('M')) unit = 1'000'000;
  if (unit > 1) text.remove_suffix(1);
  std::int64_t value = 0;
  if (!parse_number<std::int64_t>(text, 1, kMostBitrate / unit, value)) return false;
  if (value * unit < kLeastBitrate) return false;
  bitrate = value * unit;
  return true;
}

}  // namespace

void add_face(ConfigFields& fields, const std::string& name, session::FaceChoice& choice,
              int& index) {
  fields.add({name, "which face, when the source shows several",
              "largest, left, right or a number counted from 0 at the left",
              [&choice, &index] {
                for (const auto& [word, value] : face_words())
                  if (value == choice) return word;
                return std::to_string(index);
              },
              [&choice, &index](std::string_view text) {
                for (const auto& [word, value] : face_words())
                  if (word == text) {
                    choice = value;
                    return true;
                  }
                if (!parse_number(text, 0, kMostFaces, index)) return false;
                choice = session::FaceChoice::kIndex;
                return true;
              }});
}

void add_frame_rate(ConfigFields& fields, const std::string& name, std::string& fps) {
  fields.add({name, "frames a second of the output",
              "24, 25, 29.97, 30, 50, 60, N/D in 1..240, or source", [&fps] { return fps; },
              [&fps](std::string_view text) {
                if (!is_frame_rate(text)) return false;
                fps = exact_rate(text);
                return true;
              }});
}

void add_or_auto(ConfigFields& fields, const std::string& name, int& value, int low, int high,
                 int none, const std::string& help) {
  fields.add(
      {name, help, "auto or in " + std::to_string(low) + ".." + std::to_string(high),
       [&value, none] { return value == none ? std::string("auto") : std::to_string(value); },
       [&value, low, high, none](std::string_view text) {
         if (text != "auto") return parse_number(text, low, high, value);
         value = none;
         return true;
       }});
}

void add_bitrate(ConfigFields& fields, const std::string& name, std::int64_t& bitrate) {
  fields.add({name, "bits a second of the picture, in place of a quality",
              "auto or in 1000..1000000000, such as 800k or 2M",
              [&bitrate] { return bitrate == 0 ? std::string("auto") : std::to_string(bitrate); },
              [&bitrate](std::string_view text) { return parse_bitrate(text, bitrate); }});
}

void add_word(ConfigFields& fields, const std::string& name, std::string& word,
              const std::vector<std::string>& words, const std::string& help) {
  fields.add({name, help, one_of(words), [&word] { return word; },
              [&word, words](std::string_view text) {
                for (const auto& allowed : words)
                  if (allowed == text) {
                    word = allowed;
                    return true;
                  }
                return false;
              }});
}

void add_preset(ConfigFields& fields, const std::string& name, std::string& preset) {
  add_word(fields, name, preset,
           {"ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow", "slower",
            "veryslow"},
           "effort of the encoder");
}

void add_source(ConfigFields& fields, const std::string& section,
                session::PresenterOptions& presenter) {
  fields.add(section + ".source", presenter.source, "picture or video whose face speaks");
  fields.add(section + ".avatar", presenter.avatar,
             "avatar of `visema enroll`, in place of a source");
}

void add_presenter(ConfigFields& fields, const std::string& section,
                   session::PresenterOptions& presenter) {
  using session::Expression;
  using session::HeadMotion;
  using session::TemplateLoop;
  add_frame_rate(fields, section + ".fps", presenter.fps);
  add_face(fields, section + ".face", presenter.face, presenter.face_index);
  fields.add<HeadMotion>(section + ".head-motion", presenter.head_motion,
                         {{"natural", HeadMotion::kNatural},
                          {"none", HeadMotion::kNone},
                          {"template", HeadMotion::kTemplate}},
                         "auto", "movement of the head; auto: natural for a picture, else its own");
  fields.add<bool>(section + ".blink", presenter.blink, {{"on", true}, {"off", false}}, "auto",
                   "blinking; auto: on for a picture, else the video's own");
  fields.add<TemplateLoop>(section + ".loop", presenter.loop,
                           {{"pingpong", TemplateLoop::kPingPong},
                            {"cut", TemplateLoop::kCut},
                            {"hold", TemplateLoop::kHold}},
                           "what follows the last frame of a source video");
  fields.add<Expression>(section + ".expression", presenter.expression,
                         {{"neutral", Expression::kNeutral},
                          {"happy", Expression::kHappy},
                          {"sad", Expression::kSad},
                          {"angry", Expression::kAngry},
                          {"surprised", Expression::kSurprised}},
                         "expression of the face");
  fields.add(section + ".expression-strength", presenter.expression_strength, 0.0, 2.0,
             "how much of it");
  fields.add(section + ".articulation", presenter.articulation, 0.0, 2.0,
             "how far the mouth moves; 1 as people's do");
  add_occlusion(fields, section + ".occlusion", presenter.occlusion);
  add_style(fields, section + ".style", presenter.style);
  fields.add({section + ".background", "what is behind the person",
              "keep, blur, none (transparent), #RRGGBB or a picture's path",
              [&presenter] { return presenter.background; },
              [&presenter](std::string_view text) {
                if (!is_background(text)) return false;
                presenter.background = text;
                return true;
              }});
}

void add_occlusion(ConfigFields& fields, const std::string& name, bool& occlusion) {
  fields.add<bool>(name, occlusion, {{"auto", true}, {"off", false}},
                   "hands and other things before the face of a video: auto keeps them, off "
                   "paints over them");
}

void add_style(ConfigFields& fields, const std::string& name, bool& style) {
  fields.add<bool>(name, style, {{"auto", true}, {"off", false}},
                   "how the person of a video speaks there: auto learns it from the video's sound "
                   "and keeps its smiles, off does what is usual");
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

std::vector<std::string> problems_of(const session::PresenterOptions& presenter,
                                     const std::string& prefix) {
  if (presenter.source.empty() != presenter.avatar.empty()) return {};
  return {presenter.source.empty() ? prefix + "source or " + prefix + "avatar is needed"
                                   : prefix + "source and " + prefix + "avatar exclude each other"};
}

void add_compute(ConfigFields& fields, const std::string& section,
                 session::ComputeOptions& compute) {
  add_word(fields, section + ".device", compute.device, {"auto", "cpu", "cuda"},
           "where the networks run");
  add_word(fields, section + ".precision", compute.precision, {"auto", "fp32", "bf16"},
           "numbers that the networks use");
  fields.add(section + ".threads", compute.threads, 0, kMostThreads,
             "threads of the networks, 0 takes as many as pay");
}

void add_models(ConfigFields& fields, const std::string& section, session::ModelPaths& models) {
  fields.add(section + ".models", models.models,
             "folder of the face networks, in place of the installed one");
  fields.add(section + ".weights", models.weights,
             "folder of the speech and renderer weights, in place of the installed one and of "
             "an adapted avatar's own");
}

void add_quality(ConfigFields& fields, const std::string& section, session::ModelPaths& models,
                 const std::string& automatic) {
  using session::Quality;
  fields.add<Quality>(section + ".quality", models.quality,
                      {{"light", Quality::kLight}, {"standard", Quality::kStandard}}, "auto",
                      "size of the painting network, light is faster; auto: " + automatic);
}

void add_look_ahead(ConfigFields& fields, const std::string& section, session::ModelPaths& models) {
  using session::LookAhead;
  fields.add<LookAhead>(section + ".look-ahead", models.look_ahead,
                        {{"long", LookAhead::kLong}, {"short", LookAhead::kShort}}, "auto",
                        "sound that is known before a mouth moves: long, up to 3 s, or short, 150 "
                        "ms as in live, whose lips fit less; auto: long");
}

session::ModelPaths resolve(const session::ModelPaths& given,
                            const session::ModelPaths& installed) {
  return {given.models.empty() ? installed.models : given.models,
          given.weights.empty() ? installed.weights : given.weights, given.quality,
          given.look_ahead};
}

void resolve_models(session::PresenterOptions& presenter, const session::ModelPaths& installed) {
  presenter.own_generator = presenter.models.weights.empty();
  presenter.models = resolve(presenter.models, installed);
}

}  // namespace visema::cli
