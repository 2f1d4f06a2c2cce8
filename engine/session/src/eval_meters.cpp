#include "eval_meters.h"

#include <algorithm>
#include <cmath>

#include "eval_pair.h"
#include "visema/evaluation/closure.h"
#include "visema/evaluation/jitter.h"
#include "visema/evaluation/measures.h"
#include "visema/evaluation/motion.h"
#include "visema/evaluation/silence.h"
#include "visema/evaluation/stream_clock.h"
#include "visema/landmarks/face_regions.h"
#include "visema/landmarks/head_pose.h"

namespace visema::session {
namespace {

class SpeechMeter : public FrameMeter {
 public:
  explicit SpeechMeter(const MeterContext& context)
      : sound_(context.sound), phones_(context.listener.phones()) {
    if (sound_ != nullptr) silence_.emplace(sound_->gain);
  }

  void push(const ObservedFrame& frame) override {
    if (!frame.face) return;
    openness_.time_s.push_back(static_cast<float>(frame.time_s));
    openness_.value.push_back(static_cast<float>(openness(frame.measured.canonical)));
    const double open = openness_.value.back();
    if (open > kMouthOpen && silence_ && silence_->contains(openness_.time_s.back()))
      open_in_silence_.offer(open, open, frame, nullptr);
  }

  void finish(SubjectFacts& facts) override {
    if (sound_ != nullptr) {
      measure_the_silence(facts);
      measure_the_closures(facts);
      put_curves(facts);
    } else {
      put_missing(facts, "silence", kNoSound);
      put_missing(facts, "closure", kNoSound);
    }
    facts.openness = std::move(openness_);
  }

 private:
  void measure_the_silence(SubjectFacts& facts) {
    const SilenceResult silence = measure_silence(sound_->gain, openness_);
    put(facts, "silence.open_percent", silence.open_percent,
        "less than 0.3 s of silence with a visible mouth");
    put(facts, "silence.seconds", silence.seconds);
    for (NotableFrame& frame : open_in_silence_.take()) facts.notable.push_back(std::move(frame));
  }

  void measure_the_closures(SubjectFacts& facts) const {
    if (!phones_) {
      put_missing(facts, "closure", "needs --phones on");
      return;
    }
    const ClosureResult closure = measure_closure(*phones_, openness_);
    put(facts, "closure.closed_percent", closure.closed_percent, closure.why);
    put(facts, "closure.contrast", closure.contrast, closure.why);
    put(facts, "closure.count", static_cast<double>(closure.count));
  }

  void put_curves(SubjectFacts& facts) const {
    for (std::size_t m = 0; m < sound_->moments(); ++m) {
      const float t = static_cast<float>(m) / kSyncFps;
      facts.loudness.time_s.push_back(t);
      facts.loudness.value.push_back(sound_->loudness[m]);
      facts.speech.time_s.push_back(t);
      facts.speech.value.push_back(sound_->gain_at(t) > 0.5F ? 1.0F : 0.0F);
    }
  }

  const SoundTrack* sound_;
  const std::optional<std::vector<Phone>>& phones_;
  std::optional<SilentTimes> silence_;
  Curve openness_;
  WorstFrames open_in_silence_{"silence.open_percent", 2};
};

class MotionMeter : public FrameMeter {
 public:
  explicit MotionMeter(const MeterContext& context) : jitter_(context.fps) {}

  void push(const ObservedFrame& frame) override {
    if (!frame.face) {
      jitter_.skip();
      return;
    }
    const FaceMesh& face = frame.measured.canonical;
    jitter_.push(face);
    const HeadAngles head = angles(frame.face->pose);
    life_.push(frame.time_s, 0.5F * (eye_aspect(face, Eye::kRight) + eye_aspect(face, Eye::kLeft)),
               head.pitch, head.yaw, head.roll);
  }

  void finish(SubjectFacts& facts) override {
    constexpr const char* kShort = "fewer than three frames in a row with a face";
    const auto jitter = jitter_.result();
    put(facts, "jitter.lips", jitter ? std::optional(jitter->lips) : std::nullopt, kShort);
    put(facts, "jitter.rigid", jitter ? std::optional(jitter->rigid) : std::nullopt, kShort);
    const auto life = life_.result();
    if (!life) {
      put_missing(facts, "motion", kShort);
      return;
    }
    put(facts, "motion.blinks_per_minute", life->blinks_per_minute, "shorter than 5 s");
    put(facts, "motion.head_rotation_deg", life->head_rotation_deg);
    put(facts, "motion.head_speed_deg_per_s", life->head_speed_deg_per_s);
  }

 private:
  Jitter jitter_;
  LifeSigns life_;
};

class SurfaceMeter : public FrameMeter {
 public:
  explicit SurfaceMeter(const MeterContext& context)
      : source_(context.source), why_no_source_(context.why_no_source) {}

  void push(const ObservedFrame& frame) override {
    if (frame.face)
      texture_.push(describe_texture(*frame.image, *frame.face));
    else
      texture_.skip();
  }

  void finish(SubjectFacts& facts) override {
    const auto texture = texture_.result();
    if (!texture) return;
    put(facts, "picture.seam", texture->seam);
    put(facts, "picture.flicker", texture->flicker, "fewer than three frames in a row with a face");
    const bool can = source_ != nullptr && source_->texture.mouth_detail > 0;
    const std::string why =
        source_ != nullptr ? "the source's mouth has no detail" : why_no_source_;
    put(facts, "picture.mouth_sharpness",
        can ? std::optional(texture->mouth_detail / source_->texture.mouth_detail) : std::nullopt,
        why);
    put(facts, "picture.colour_error",
        can ? std::optional(colour_error(*texture, source_->texture)) : std::nullopt, why);
  }

 private:
  const SourceFace* source_;
  std::string why_no_source_;
  TextureMeter texture_;
};

class StreamMeter : public FrameMeter {
 public:
  explicit StreamMeter(const MeterContext& context)
      : sound_(context.sound),
        own_sound_(context.options.audio.empty()),
        delay_s_(context.picture_delay_s) {}

  void push(const ObservedFrame& frame) override { clock_.push(frame.time_s, frame.image); }

  void finish(SubjectFacts& facts) override {
    const StreamClock::Result clock = clock_.result();
    const bool runs = clock.fps > 0;
    if (runs && facts.whole) facts.video.duration_s = clock.duration_s;
    put_offsets(facts, runs);
    const auto of_the_clock = [&](double value) {
      return runs ? std::optional(value) : std::nullopt;
    };
    put(facts, "stream.fps", of_the_clock(clock.fps), kOneFrame);
    put(facts, "stream.dropped_frames", of_the_clock(static_cast<double>(clock.dropped)),
        kOneFrame);
    put(facts, "stream.repeated_frames", static_cast<double>(clock.repeated));
    put(facts, "stream.pts_errors", static_cast<double>(facts.pts_errors));
  }

 private:
  static constexpr const char* kOneFrame = "the video has only one frame";

  void put_offsets(SubjectFacts& facts, bool runs) const {
    std::optional<double> start, duration;
    if (sound_ != nullptr && own_sound_) start = 1000 * delay_s_;
    if (sound_ != nullptr && runs) duration = 1000 * (facts.video.duration_s - sound_->duration_s);
    put(facts, "stream.start_offset_ms", start, sound_ == nullptr ? kNoSound : "--audio given");
    put(facts, "stream.duration_difference_ms", duration, sound_ == nullptr ? kNoSound : kOneFrame);
  }

  StreamClock clock_;
  const SoundTrack* sound_;
  bool own_sound_;
  double delay_s_;
};

class MissingMeter : public FrameMeter {
 public:
  MissingMeter(const char* group, std::string why) : group_(group), why_(std::move(why)) {}
  void push(const ObservedFrame&) override {}
  void finish(SubjectFacts& facts) override { put_missing(facts, group_, why_); }

 private:
  const char* group_;
  std::string why_;
};

}  // namespace

void put(SubjectFacts& facts, const char* name, std::optional<double> value,
         const std::string& why) {
  facts.figures[name] = {value, value ? "" : why};
}

void put_missing(SubjectFacts& facts, const char* group, const std::string& why) {
  for (const MeasureInfo& m : measures())
    if (m.name.starts_with(std::string(group) + "."))
      facts.figures[std::string(m.name)] = {std::nullopt, why};
}

std::unique_ptr<FrameMeter> make_missing(const char* group, std::string why) {
  return std::make_unique<MissingMeter>(group, std::move(why));
}

EvalNetworks::EvalNetworks(const EvalOptions& options, const Compute& compute)
    : sync(options.models.weights / "sync.safetensors", compute),
      identity(options.models.models / "faceres.safetensors"),
      second_identity(options.models.models / "mobileface.safetensors") {
  std::vector<std::filesystem::path> files = {
      options.models.weights / "sync.safetensors", options.models.models / "faceres.safetensors",
      options.models.models / "mobileface.safetensors",
      options.models.models / "mobilenet_features.safetensors"};
  const auto imported = options.models.models / "syncnet.safetensors";
  std::error_code ignored;
  if (options.syncnet && std::filesystem::exists(imported, ignored)) {
    syncnet.emplace(imported, compute);
    files.push_back(imported);
  }
  for (const auto& path : files) sums[path.stem().string()] = TensorFile::open(path).sha256();
}

SoundListener::SoundListener(bool wants_phones, const SyncNet* syncnet) {
  if (wants_phones) recogniser_.emplace();
  if (syncnet != nullptr) syncnet_ = std::make_unique<SyncnetMeter>(*syncnet);
}

void SoundListener::push(std::span<const float> samples) {
  if (recogniser_) recogniser_->push(samples);
  if (syncnet_) syncnet_->push_sound(samples);
}

void SoundListener::finish() {
  if (recogniser_) phones_ = recogniser_->finish();
  recogniser_.reset();
}

std::unique_ptr<FrameMeter> make_speech_meter(const MeterContext& context) {
  return std::make_unique<SpeechMeter>(context);
}

std::unique_ptr<FrameMeter> make_motion_meter(const MeterContext& context) {
  return std::make_unique<MotionMeter>(context);
}

std::unique_ptr<FrameMeter> make_texture_meter(const MeterContext& context) {
  return std::make_unique<SurfaceMeter>(context);
}

std::unique_ptr<FrameMeter> make_stream_meter(const MeterContext& context) {
  return std::make_unique<StreamMeter>(context);
}

std::vector<std::unique_ptr<FrameMeter>> make_meters(const MeterContext& context) {
  std::vector<std::unique_ptr<FrameMeter>> meters;
  for (const auto make : {make_sync_meter, make_syncnet_meter, make_speech_meter, make_motion_meter,
                          make_identity_meter, make_texture_meter, make_stream_meter})
    meters.push_back(make(context));
  return meters;
}

}  // namespace visema::session
