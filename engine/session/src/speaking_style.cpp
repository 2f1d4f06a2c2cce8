#include "speaking_style.h"

#include <cmath>
#include <utility>

#include "model_files.h"
#include "speech_stage.h"
#include "visema/core/error.h"
#include "visema/core/sha256.h"
#include "visema/landmarks/face_regions.h"
#include "visema/landmarks/rest_face.h"
#include "visema/media/audio_reader.h"
#include "visema/media/video_reader.h"

namespace visema::session {
namespace {

constexpr double kMostSeconds = 180;
/// Mean of what the network moves the lips by, canonical units: less is silence.
constexpr float kSpeech = 2e-3F;

bool speaks(const FaceMesh& said) {
  float sum = 0;
  for (const std::uint16_t i : kLips) sum += std::hypot(said[i].x, said[i].y);
  return sum / kLips.size() > kSpeech;
}

/// Adds what was said of a moment to the fit, beside the frame that shows it.
class Comparison {
 public:
  Comparison(const Avatar& avatar, const CanonicalFace& canonical, SpeakingStyleFit& fit)
      : avatar_(avatar), lower_(lower_face_weights(canonical.mesh())), fit_(fit) {}

  void operator()(const SpokenFrame& spoken) {
    if (!spoken.motion) return;
    const double seconds = 1 / avatar_.fps.value();
    const double time_s = static_cast<double>(spoken.motion->index) * seconds;
    const auto& frames = avatar_.frames;
    while (next_ < frames.size() && frames[next_].time_s < time_s - seconds / 2) ++next_;
    if (next_ == frames.size() || frames[next_].time_s > time_s + seconds) return;
    const LandmarkFrame& frame = frames[next_];
    if (!frame.face || avatar_.cover_at(frame.index) != nullptr || !speaks(spoken.speech)) return;
    fit_.add(spoken.speech, offset_from_rest(*frame.face, avatar_.rest, lower_), seconds);
  }

 private:
  const Avatar& avatar_;
  const RegionWeights lower_;
  SpeakingStyleFit& fit_;
  std::size_t next_ = 0;
};

void hear(const Avatar& avatar, SpeechStage& stage, Comparison& compare,
          const std::stop_token& stop) {
  AudioReader reader(avatar.media_path, {kSpeechRateHz, 1});
  const Emit<SpokenFrame> emit = [&](const SpokenFrame& spoken) { compare(spoken); };
  double heard_s = 0;
  while (heard_s < kMostSeconds) {
    if (stop.stop_requested())
      throw Error(ErrorCode::kInterrupted,
                  avatar.media_path.string() + ": interrupted while its sound was heard");
    auto block = reader.read();
    if (!block) break;
    heard_s += static_cast<double>(block->size()) / kSpeechRateHz;
    stage.process(std::move(*block), emit);
  }
  stage.finish(emit);
}

}  // namespace

std::optional<SpeakingStyle> find_speaking_style(const Avatar& avatar,
                                                 const CanonicalFace& canonical,
                                                 const ModelPaths& models, const LogSink& log,
                                                 const std::stop_token& stop) {
  if (avatar.is_still || !VideoReader(avatar.media_path).info().has_audio) return std::nullopt;
  const SpeechModels speech = SpeechModels::load(models, resolve({"cpu", "fp32", 1}));
  SpeechStageOptions options;
  options.fps = avatar.fps;
  options.head = options.blink = options.gaze = false;
  SpeechStage stage(speech, avatar, canonical, options, kSpeechRateHz, 1);
  SpeakingStyleFit fit(speech.network->basis().lower);
  Comparison compare(avatar, canonical, fit);
  try {
    hear(avatar, stage, compare, stop);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kInput) throw;
    if (log)
      log(LogLevel::kWarning, std::string(error.what()) + "; how the person speaks is not learned");
    return std::nullopt;
  }
  std::optional<SpeakingStyle> style = fit.result();
  if (style) style->network = sha256_hex_of_file(speech_weights(models));
  return style;
}

void keep_style_of_network(Avatar& avatar, const ModelPaths& models, const std::string& name,
                           const LogSink& log) {
  if (avatar.styles.empty()) return;
  const std::string network = sha256_hex_of_file(speech_weights(models));
  std::erase_if(avatar.styles,
                [&](const SpeakingStyle& style) { return style.network != network; });
  if (avatar.styles.empty() && log)
    log(LogLevel::kWarning, name +
                                ": how the person speaks was learned with other speech weights and "
                                "is left out; enroll the source again");
}

}  // namespace visema::session
