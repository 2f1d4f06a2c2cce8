#pragma once

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "eval_meter.h"
#include "eval_sound.h"
#include "eval_source.h"
#include "eval_subject.h"
#include "visema/audio/phones.h"
#include "visema/evaluation/syncnet_meter.h"
#include "visema/landmarks/face_embedding.h"
#include "visema/models/sync_network.h"
#include "visema/models/syncnet_network.h"

namespace visema::session {

/// The networks that judge. One thread at a time.
struct EvalNetworks {
  EvalNetworks(const EvalOptions& options, const Compute& compute);
  SyncNetwork sync;
  FaceEmbedding identity, second_identity;
  std::optional<SyncNet> syncnet;           // when it was imported
  std::map<std::string, std::string> sums;  // name -> SHA-256 of the file
};

/// What else hears the sound.
class SoundListener {
 public:
  /// syncnet: null when there is none; must outlive it.
  SoundListener(bool wants_phones, const SyncNet* syncnet);
  void push(std::span<const float> samples);
  void finish();
  /// Nothing when phones were not asked for.
  const std::optional<std::vector<Phone>>& phones() const { return phones_; }
  /// That has heard the sound; null when there is no network.
  std::unique_ptr<SyncnetMeter> take_syncnet() { return std::move(syncnet_); }

 private:
  std::optional<PhoneRecogniser> recogniser_;
  std::optional<std::vector<Phone>> phones_;
  std::unique_ptr<SyncnetMeter> syncnet_;
};

struct MeterContext {
  const SubjectOptions& options;
  const EvalNetworks& networks;
  const SoundTrack* sound;  // null: there is none
  SoundListener& listener;
  const SourceFace* source;  // null: not known
  std::string why_no_source;
  double picture_delay_s;
  double fps;
};

/// All meters of figures that one video alone, its sound and its source tell.
std::vector<std::unique_ptr<FrameMeter>> make_meters(const MeterContext& context);

// One per group.
std::unique_ptr<FrameMeter> make_sync_meter(const MeterContext& context);
/// syncnet.* by the published network, when the user brought it.
std::unique_ptr<FrameMeter> make_syncnet_meter(const MeterContext& context);
/// Curves of openness and sound, and what is read off them: silence.*, closure.*.
std::unique_ptr<FrameMeter> make_speech_meter(const MeterContext& context);
/// jitter.*, motion.*
std::unique_ptr<FrameMeter> make_motion_meter(const MeterContext& context);
std::unique_ptr<FrameMeter> make_identity_meter(const MeterContext& context);
/// picture.* that look at one video and its source.
std::unique_ptr<FrameMeter> make_texture_meter(const MeterContext& context);
std::unique_ptr<FrameMeter> make_stream_meter(const MeterContext& context);

inline constexpr const char* kNoSound = "the video has no sound";
/// why: of a missing value.
void put(SubjectFacts& facts, const char* name, std::optional<double> value,
         const std::string& why = "");
/// Gives every measure of a group the same reason.
void put_missing(SubjectFacts& facts, const char* group, const std::string& why);
/// A meter that does so.
std::unique_ptr<FrameMeter> make_missing(const char* group, std::string why);

}  // namespace visema::session
