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

/// Where the installed networks lie.
struct ModelPaths {
  std::filesystem::path models;   // face_detector, face_mesh, canonical_face, selfie .safetensors
  std::filesystem::path weights;  // speech, renderer .safetensors
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

struct EnrollOptions {
  std::filesystem::path source;
  std::filesystem::path out;
  FaceChoice face = FaceChoice::kLargest;
  int face_index = 0;
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
  std::string background = "keep";  // keep, blur, none, #RRGGBB, picture's path
  std::uint64_t seed = 1;
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
  std::string model_name;
  std::string model_version;
  std::string model_sha256;
  bool interrupted = false;
};

/// The report as JSON text.
std::string to_json(const RenderReport& report);

/// Renders `options.audio` spoken by the source into options.out. A stop request ends with a
/// playable file of what was done (report.interrupted). Throws Error; then nothing is written.
RenderReport render(const RenderOptions& options, const ProgressSink& progress = {},
                    const LogSink& log = {}, std::stop_token stop = {});

/// Does all that depends on the source alone and writes one avatar file.
void enroll(const EnrollOptions& options, const ProgressSink& progress = {},
            const LogSink& log = {}, std::stop_token stop = {});

}  // namespace visema::session
