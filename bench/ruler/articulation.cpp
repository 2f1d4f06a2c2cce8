#include "articulation.h"

#include <numeric>
#include <optional>

#include "clip_sound.h"
#include "statistics.h"
#include "visema/audio/mel.h"
#include "visema/audio/phones.h"
#include "visema/audio/voice_activity.h"
#include "visema/evaluation/closure.h"
#include "visema/evaluation/identity.h"
#include "visema/evaluation/silence.h"
#include "visema/landmarks/face_embedding.h"
#include "visema/landmarks/face_tracker.h"
#include "visema/media/video_reader.h"

namespace visema::ruler {
namespace {

struct Heard {
  std::vector<float> speech;  // voice activity, 80 a second
  std::vector<Phone> phones;
};

Heard listen(const std::vector<float>& sound) {
  LogMel mel;
  mel.push(sound);
  mel.finish();
  std::vector<float> frames(static_cast<std::size_t>(mel.frames_ready()) * kMelBands);
  mel.copy(0, mel.frames_ready(), frames.data());
  VoiceActivity voice;
  voice.push(frames);
  voice.finish();
  Heard heard;
  heard.speech.resize(static_cast<std::size_t>(voice.frames_ready()));
  voice.copy(0, voice.frames_ready(), heard.speech.data());
  PhoneRecogniser recogniser;
  recogniser.push(sound);
  heard.phones = recogniser.finish();
  return heard;
}

/// More than the 150 ms around speech that do not count as silence.
constexpr float kLateS = 0.5F;

Curve late(Curve curve) {
  for (float& t : curve.time_s) t += kLateS;
  return curve;
}

Curve still(Curve curve) {
  const float mean = std::accumulate(curve.value.begin(), curve.value.end(), 0.0F) /
                     static_cast<float>(std::max<std::size_t>(1, curve.value.size()));
  for (float& v : curve.value) v = mean;
  return curve;
}

Curve wide(Curve curve) {
  for (float& v : curve.value) v *= 1.8F;
  return curve;
}

/// Sums over clips: seconds of silence, closures and vowels weigh as they come.
class Pool {
 public:
  explicit Pool(std::string mouth) { result_.mouth = std::move(mouth); }

  void add(const Heard& heard, const Curve& openness) {
    const SilenceResult silence = measure_silence(heard.speech, openness);
    if (silence.open_percent) {
      open_ += *silence.open_percent * silence.seconds;
      seconds_ += silence.seconds;
    }
    const ClosureResult closure = measure_closure(heard.phones, openness);
    const auto count = static_cast<double>(closure.count);
    if (closure.closed_percent && closure.contrast) {
      closed_ += *closure.closed_percent * count;
      contrast_ += *closure.contrast * count;
      count_ += count;
    }
  }

  Articulation take() {
    result_.open_in_silence_percent = open_ / seconds_;
    result_.closed_percent = closed_ / count_;
    result_.contrast = contrast_ / count_;
    return result_;
  }

 private:
  Articulation result_;
  double open_ = 0, seconds_ = 0, closed_ = 0, contrast_ = 0, count_ = 0;
};

std::optional<std::vector<float>> face_at(const std::filesystem::path& clip, int frame,
                                          FaceTracker& tracker, const FaceEmbedding& network) {
  VideoReader reader(clip);
  for (int i = 0; i < frame; ++i) reader.skip();
  const auto picture = reader.read();
  if (!picture) return std::nullopt;
  tracker.reset();
  const auto face = tracker.track(*picture);
  if (!face) return std::nullopt;
  return network.embed(picture->image, face->mesh);
}

double separate(const std::vector<ClipTrials>& clips, FaceTracker& tracker,
                const FaceEmbedding& network, IdentityAuc& pairs) {
  std::vector<std::optional<std::vector<float>>> early, later;
  for (const ClipTrials& clip : clips) {
    early.push_back(face_at(clip.path, 2, tracker, network));
    later.push_back(face_at(clip.path, 48, tracker, network));
  }
  const auto has_one_clip = [&](const std::string& person) {
    return std::count_if(clips.begin(), clips.end(),
                         [&](const ClipTrials& c) { return c.person == person; }) == 1;
  };
  std::vector<double> same, other;
  for (std::size_t a = 0; a < clips.size(); ++a)
    for (std::size_t b = 0; b < clips.size(); ++b) {
      if (!early[a] || !later[b] || (a == b && !has_one_clip(clips[a].person))) continue;
      (clips[a].person == clips[b].person ? same : other).push_back(cosine(*early[a], *later[b]));
    }
  pairs.same = same.size();
  pairs.other = other.size();
  return area_under_curve(same, other);
}

}  // namespace

std::vector<Articulation> rank_mouths(const std::vector<ClipTrials>& clips) {
  Pool real("real"), shifted("0.5 s late"), frozen("still"), opened("opened 1.8 times as far");
  for (const ClipTrials& clip : clips) {
    const Heard heard = listen(read_sound(clip.path));
    real.add(heard, clip.openness);
    shifted.add(heard, late(clip.openness));
    frozen.add(heard, still(clip.openness));
    opened.add(heard, wide(clip.openness));
  }
  return {real.take(), shifted.take(), frozen.take(), opened.take()};
}

IdentityAuc separate_persons(const std::vector<ClipTrials>& clips,
                             const session::ModelPaths& models) {
  FaceTracker tracker(models.models);
  IdentityAuc auc;
  auc.first = separate(clips, tracker, FaceEmbedding(models.models / "faceres.safetensors"), auc);
  auc.second =
      separate(clips, tracker, FaceEmbedding(models.models / "mobileface.safetensors"), auc);
  return auc;
}

}  // namespace visema::ruler
