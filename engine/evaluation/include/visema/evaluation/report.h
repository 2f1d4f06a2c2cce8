#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "visema/core/image.h"

namespace visema {

/// Version of the JSON that evaluation_json() writes; a change that breaks readers makes it higher.
inline constexpr int kEvaluationSchema = 1;

/// A video that was measured.
struct EvaluatedVideo {
  std::string path;
  int width = 0;
  int height = 0;
  double fps = 0;
  double duration_s = 0;
  std::int64_t frames = 0;
  std::int64_t frames_without_face = 0;
};

/// A measure's value for the video and, where a reference is given, for the real one. A measure
/// that does not apply to the real video (a distance to itself) has no `real`.
struct Figure {
  std::string name;             // of a MeasureInfo
  std::optional<double> value;  // nothing: could not be measured
  std::optional<double> real;
  std::string why;  // of a missing value, one line: "no silence in the sound"
};

/// One number over time for the plots; times on the clock of the sound, of the picture where there
/// is no sound.
struct Curve {
  std::vector<float> time_s;
  std::vector<float> value;
};

/// A frame worth looking at.
struct NotableFrame {
  std::string measure;  // that it is worst in
  double time_s = 0;
  double value = 0;
  Image video;
  Image other;  // the real frame of the same time, or the source; empty: none
};

/// Result of one `--require`.
struct Requirement {
  std::string expression;  // as given
  std::string measure;
  std::optional<double> value;
  bool holds = false;
  std::string message;  // "sync.offset_frames is 4, must be in -1..1"
};

/// All that `visema eval` finds out about one video.
struct EvaluationReport {
  EvaluatedVideo video;
  std::optional<EvaluatedVideo> reference;
  std::string error;   // why nothing could be measured; empty: it could
  std::string source;  // path of the picture that identity is compared with; empty: none

  std::vector<Figure> figures;        // in the order of measures()
  std::vector<std::string> warnings;  // sentences: lengths differ, a sync score beats real video
  std::vector<Requirement> requirements;

  Curve openness;                          // inner-lip gap / face width, of the video
  Curve openness_real;                     // of the reference
  Curve loudness;                          // of the sound, 0..1
  Curve speech;                            // voice activity, 0 or 1
  Curve offset;                            // best sync offset of windows over time, frames
  Curve identity;                          // cosine over time
  std::vector<double> sync_distance;       // SyncScore::Result::centred_mean, shifts -15..15
  std::vector<double> sync_distance_real;  // the same of the reference
  std::vector<NotableFrame> worst;

  std::map<std::string, std::string> networks;  // name -> SHA-256 of the weights that judged
  double wall_seconds = 0;

  const Figure* figure(const std::string& name) const {
    for (const Figure& f : figures)
      if (f.name == name) return &f;
    return nullptr;
  }
};

}  // namespace visema
