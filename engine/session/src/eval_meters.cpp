#include "eval_meters.h"

#include "eval_sync.h"
#include "visema/landmarks/face_regions.h"
#include "visema/renderer/face_crop.h"

namespace visema::session {
namespace {

constexpr const char* kNoSound = "the video has no sound";

/// sync.* by our own network.
class OwnSync : public FrameMeter {
 public:
  explicit OwnSync(const MeterContext& context)
      : sound_(*context.sound), sync_(context.networks.sync, *context.sound) {}

  void push(const ObservedFrame& frame) override {
    std::optional<MouthView> mouth;
    if (frame.face) {
      mouth.emplace();
      mouth->crop = extract_mouth(*frame.image, frame.face->pose);
      append_sync_points(frame.measured.canonical, mouth->points);
    }
    sync_.push(frame.time_s, std::move(mouth));
  }

  void finish(SubjectFacts& facts) override {
    sync_.finish();
    const auto result = sync_.result();
    const auto put = [&](const char* name, std::optional<double> value, const char* why) {
      facts.figures[std::string("sync.") + name] = {value, value ? "" : why};
    };
    constexpr const char* kTooLittle = "less than half a second of speech with a visible mouth";
    const auto of = [&](auto member) {
      return result ? std::optional<double>(static_cast<double>((*result).*member)) : std::nullopt;
    };
    put("offset_frames", of(&SyncScore::Result::offset_frames), kTooLittle);
    put("distance", of(&SyncScore::Result::distance), kTooLittle);
    put("confidence", of(&SyncScore::Result::confidence), kTooLittle);
    put("in_sync_percent", of(&SyncScore::Result::in_sync_percent), kTooLittle);
    put("drift_ms_per_min", result ? result->drift_ms_per_min : std::nullopt,
        "too little speech: three pieces of 1.6 s, 5 s apart, are needed");
    if (!result) return;
    facts.sync_distance = result->mean;
    facts.offset = result->offset;
  }

 private:
  const SoundTrack& sound_;
  SyncMeter sync_;
};

/// Openness, loudness and speech over time.
class Curves : public FrameMeter {
 public:
  explicit Curves(const MeterContext& context) : sound_(context.sound) {}

  void push(const ObservedFrame& frame) override {
    if (!frame.face) return;
    openness_.time_s.push_back(static_cast<float>(frame.time_s));
    openness_.value.push_back(static_cast<float>(openness(frame.measured.canonical)));
  }

  void finish(SubjectFacts& facts) override {
    facts.openness = std::move(openness_);
    if (sound_ == nullptr) return;
    for (std::size_t m = 0; m < sound_->moments(); ++m) {
      const float t = static_cast<float>(m) / kSyncFps;
      facts.loudness.time_s.push_back(t);
      facts.loudness.value.push_back(sound_->loudness[m]);
      facts.speech.time_s.push_back(t);
      facts.speech.value.push_back(sound_->gain_at(t) > 0.5F ? 1.0F : 0.0F);
    }
  }

 private:
  const SoundTrack* sound_;
  Curve openness_;
};

/// Says of a whole group why it is missing.
class Missing : public FrameMeter {
 public:
  Missing(std::vector<const char*> names, const char* why) : names_(std::move(names)), why_(why) {}
  void push(const ObservedFrame&) override {}
  void finish(SubjectFacts& facts) override {
    for (const char* name : names_) facts.figures[name] = {std::nullopt, why_};
  }

 private:
  std::vector<const char*> names_;
  const char* why_;
};

}  // namespace

EvalNetworks::EvalNetworks(const ModelPaths& models, const Compute& compute)
    : sync(models.weights / "sync.safetensors", compute) {}

SoundListener::SoundListener(const SubjectOptions&, bool) {}
void SoundListener::push(std::span<const float>) {}

std::unique_ptr<FrameMeter> make_curve_meter(const MeterContext& context) {
  return std::make_unique<Curves>(context);
}

std::unique_ptr<FrameMeter> make_sync_meter(const MeterContext& context) {
  if (context.sound == nullptr)
    return std::make_unique<Missing>(
        std::vector<const char*>{"sync.offset_frames", "sync.distance", "sync.confidence",
                                 "sync.in_sync_percent", "sync.drift_ms_per_min"},
        kNoSound);
  return std::make_unique<OwnSync>(context);
}

std::vector<std::unique_ptr<FrameMeter>> make_meters(const MeterContext& context) {
  std::vector<std::unique_ptr<FrameMeter>> meters;
  for (const auto make : {make_curve_meter, make_sync_meter}) meters.push_back(make(context));
  return meters;
}

}  // namespace visema::session
