#pragma once

#include <memory>
#include <span>
#include <vector>

#include "eval_meter.h"
#include "eval_sound.h"
#include "eval_subject.h"
#include "visema/models/sync_network.h"

namespace visema::session {

/// The networks that judge. One thread at a time.
struct EvalNetworks {
  EvalNetworks(const ModelPaths& models, const Compute& compute);
  SyncNetwork sync;
};

/// What else hears the sound.
class SoundListener {
 public:
  SoundListener(const SubjectOptions& options, bool has_sound);
  void push(std::span<const float> samples);
};

struct MeterContext {
  const SubjectOptions& options;
  const EvalNetworks& networks;
  const SoundTrack* sound;  // null: there is none
  const SoundListener& listener;
  double picture_delay_s;
};

/// All meters of figures that one video alone, its sound and its source tell.
std::vector<std::unique_ptr<FrameMeter>> make_meters(const MeterContext& context);

// One per group; sound may be null.
std::unique_ptr<FrameMeter> make_sync_meter(const MeterContext& context);
std::unique_ptr<FrameMeter> make_curve_meter(const MeterContext& context);

}  // namespace visema::session
