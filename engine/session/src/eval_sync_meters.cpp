#include "eval_meters.h"
#include "eval_sync.h"
#include "visema/renderer/face_crop.h"

namespace visema::session {
namespace {

/// sync.* by our own network.
class OwnSync : public FrameMeter {
 public:
  explicit OwnSync(const MeterContext& context)
      : fps_(context.fps), sync_(context.networks.sync, *context.sound, context.fps) {}

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
    if (!result) {
      put_missing(facts, "sync",
                  fps_ < kSyncLeastFps ? "frames are too far apart: fewer than 8 a second"
                                       : "less than half a second of speech with a visible mouth");
      return;
    }
    put(facts, "sync.offset_frames", result->offset_frames);
    put(facts, "sync.distance", result->distance);
    put(facts, "sync.confidence", result->confidence);
    put(facts, "sync.margin", result->margin);
    put(facts, "sync.evidence", result->evidence);
    put(facts, "sync.in_sync_percent", result->in_sync_percent,
        "no second of speech with a visible mouth throughout");
    put(facts, "sync.seconds", static_cast<double>(result->windows) / kSyncFps);
    put(facts, "sync.drift_ms_per_min", result->drift_ms_per_min,
        "too little speech: three pieces of 1.6 s over 20 s are needed");
    facts.sync_distance = result->centred_mean;
    facts.offset = result->offset;
  }

 private:
  double fps_;
  SyncMeter sync_;
};

class PublishedSync : public FrameMeter {
 public:
  explicit PublishedSync(std::unique_ptr<SyncnetMeter> meter) : meter_(std::move(meter)) {}

  void push(const ObservedFrame& frame) override {
    meter_->push_picture(frame.time_s, frame.image, frame.face ? &frame.face->mesh : nullptr);
  }

  void finish(SubjectFacts& facts) override {
    meter_->finish();
    const auto result = meter_->result();
    if (!result) {
      put_missing(facts, "syncnet", "less than 0.4 s of sound with a visible face");
      return;
    }
    put(facts, "syncnet.lse_d", result->distance);
    put(facts, "syncnet.lse_c", result->confidence);
    put(facts, "syncnet.offset_frames", result->offset_frames);
  }

 private:
  std::unique_ptr<SyncnetMeter> meter_;
};

}  // namespace

std::unique_ptr<FrameMeter> make_sync_meter(const MeterContext& context) {
  if (context.sound == nullptr) return make_missing("sync", kNoSound);
  return std::make_unique<OwnSync>(context);
}

std::unique_ptr<FrameMeter> make_syncnet_meter(const MeterContext& context) {
  auto meter = context.listener.take_syncnet();
  if (meter == nullptr) {
    constexpr const char* kAbsent = "needs `visema import syncnet FILE`";
    return make_missing("syncnet", context.networks.syncnet       ? kNoSound
                                   : context.options.eval.syncnet ? kAbsent
                                                                  : "--syncnet off");
  }
  return std::make_unique<PublishedSync>(std::move(meter));
}

}  // namespace visema::session
