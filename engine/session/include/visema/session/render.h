#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <stop_token>
#include <string>

#include "visema/core/log.h"
#include "visema/core/time.h"

namespace visema::session {

/// Size of the network that paints (docs/performance.md).
enum class Quality { kLight, kStandard };

/// How much of the sound is known before the mouth moves: up to three seconds, so that the network
/// hears words and not only sounds, or 150 ms (docs/adr/0028).
enum class LookAhead { kLong, kShort };

/// Where the installed networks lie, which of them paints and which hears.
struct ModelPaths {
  /// speech_encoder, face_detector, face_mesh, canonical_face, selfie .safetensors
  std::filesystem::path models;
  /// speech, speech-live, renderer, renderer-light .safetensors
  std::filesystem::path weights;
  /// Default: an adapted avatar's own, else standard; light where a live run has one thread.
  std::optional<Quality> quality = std::nullopt;
  /// Default: long; a live run that keeps pace has the short one.
  std::optional<LookAhead> look_ahead = std::nullopt;
};

/// Folders named by VISEMA_MODELS and VISEMA_WEIGHTS, else share/visema beside the program's bin/.
ModelPaths default_model_paths();

enum class FaceChoice { kLargest, kLeft, kRight, kIndex };
enum class HeadMotion { kNatural, kNone, kTemplate };
enum class TemplateLoop { kPingPong, kCut, kHold };
enum class Expression { kNeutral, kHappy, kSad, kAngry, kSurprised };

struct ComputeOptions {
  std::string device = "auto";     // auto, cpu, cuda
  std::string precision = "auto";  // auto, fp32, bf16
  int threads = 0;                 // 0: as many as cores
};

/// How long the generator learns the face of a template video; nothing: it stays as it is.
struct AdaptOptions {
  double minutes = 0;      // 0: no limit of time
  std::int64_t steps = 0;  // 0: no limit of steps
  std::uint64_t seed = 1;

  bool wanted() const { return minutes > 0 || steps > 0; }
};

struct EnrollOptions {
  std::filesystem::path source;
  std::filesystem::path out;
  AdaptOptions adapt;
  FaceChoice face = FaceChoice::kLargest;
  int face_index = 0;
  bool occlusion = true;  // of a video: what is before the face is looked for, and stays
  bool style = true;      // of a video with sound: how the person speaks is learned
  ComputeOptions compute;
  ModelPaths models;
};

/// Whose face speaks, and how it carries itself: what a rendered and a live run have in common.
struct PresenterOptions {
  std::filesystem::path source;  // picture or video; or
  std::filesystem::path avatar;  // an enrolled .avatar
  std::string fps = "25";        // 24, 25, 30, 50, 60, N/D or source
  FaceChoice face = FaceChoice::kLargest;
  int face_index = 0;
  std::optional<HeadMotion> head_motion;  // default: natural for a picture, template for a video
  std::optional<bool> blink;              // default: on for a picture, the template's for a video
  TemplateLoop loop = TemplateLoop::kPingPong;
  Expression expression = Expression::kNeutral;
  double expression_strength = 1.0;
  double articulation = 1.0;        // how far the mouth moves: 1 as people's, 0..2
  std::string background = "keep";  // keep, blur, none, #RRGGBB, picture's path
  bool occlusion = true;            // what is before the face in a video stays
  bool style = true;                // the person of a video with sound speaks as they do there
  std::uint64_t seed = 1;
  bool own_generator = true;  // the one of an adapted avatar is used in place of `models`'
  ComputeOptions compute;
  ModelPaths models;
};

/// The picture that a background names; empty: it names none.
inline std::string background_file(const std::string& background) {
  const bool word = background == "keep" || background == "blur" || background == "none";
  return word || background.starts_with('#') ? "" : background;
}

/// Rendering with IP-LAP's networks in place of ours (docs/ip-lap.md).
struct IplapOptions {
  std::filesystem::path model;  // folder of `visema import ip-lap`; empty: our networks
  int references = 25;          // pictures of the speaker that are warped to each frame, 1..25
  int crop_margin_px = -1;      // around the face; -1: 25, within 1/25 and 1/10 of the face
};

struct RenderOptions : PresenterOptions {
  std::filesystem::path audio;
  std::filesystem::path out;
  IplapOptions ip_lap;
  int crf = -1;              // -1: the encoder's default
  std::string preset;        // empty: default
  std::int64_t bitrate = 0;  // bits a second, 0: by quality
};

struct StageFigures {
  double seconds = 0;
  std::int64_t items = 0;
};

/// What a run did; the fields of `--report` (docs/report.md).
struct RenderReport {
  std::int64_t frames = 0;
  Rational fps;
  double audio_seconds = 0;
  double wall_seconds = 0;
  double realtime_factor = 0;  // seconds of video made in a second
  std::int64_t peak_rss_bytes = 0;
  std::string device;
  std::string precision;
  int threads = 0;
  std::map<std::string, StageFigures> stages;
  int source_width = 0;
  int source_height = 0;
  std::int64_t source_frames = 0;
  std::int64_t source_frames_without_face = 0;
  std::int64_t source_frames_covered = 0;
  std::string model_name;
  std::string model_version;
  std::string model_sha256;
  bool model_adapted = false;  // it is the avatar's own
  bool interrupted = false;
};

/// Of the painted region in pictures that the generator did not learn from; colours 0..1.
struct AdaptFigures {
  double l1 = 0;
  double mouth_l1 = 0;  // within the outer lips
  double psnr_db = 0;
  double sharpness = 0;  // gradient energy about the mouth over the real one's
};

/// What `EnrollOptions::adapt` led to.
struct AdaptReport {
  bool kept = false;  // the avatar has a generator of its own; else it was not better
  std::int64_t learning_frames = 0;
  std::int64_t held_out_frames = 0;
  std::int64_t steps = 0;
  double minutes = 0;
  std::int64_t bytes = 0;  // of the generator in the avatar
  AdaptFigures before;
  AdaptFigures after;  // also where it was not kept
};

/// What an enrolment did; the fields of its `--report` (docs/report.md).
struct EnrollReport {
  std::int64_t frames = 0;
  std::int64_t frames_without_face = 0;
  std::int64_t frames_covered = 0;  // with something before the face
  int references = 0;
  double wall_seconds = 0;
  std::optional<AdaptReport> adapt;
};

/// The report as JSON text.
std::string to_json(const RenderReport& report);
std::string to_json(const EnrollReport& report);

/// Renders `options.audio` spoken by the source into options.out. A stop request ends with a
/// playable file of what was done (report.interrupted). Throws Error; then nothing is written.
RenderReport render(const RenderOptions& options, const ProgressSink& progress = {},
                    const LogSink& log = {}, std::stop_token stop = {});

/// Does all that depends on the source alone and writes one avatar file. With `adapt` the generator
/// learns the source's face and goes into the avatar where it got better; Error(kUsage) for a
/// picture, Error(kInput) for a video with too little of a talking face. A stop request leaves
/// nothing: Error(kInterrupted).
EnrollReport enroll(const EnrollOptions& options, const ProgressSink& progress = {},
                    const LogSink& log = {}, std::stop_token stop = {});

}  // namespace visema::session
