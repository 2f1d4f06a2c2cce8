#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "visema/core/image.h"
#include "visema/core/landmark_frame.h"
#include "visema/evaluation/lip_distance.h"
#include "visema/evaluation/report.h"

namespace visema::session {

/// A value, or why there is none.
struct Measured {
  std::optional<double> value;
  std::string why;
};
using MeasuredFigures = std::map<std::string, Measured>;

/// A frame of a video that is measured.
struct ObservedFrame {
  FrameIndex index = 0;
  double time_s = 0;  // on the clock of the sound, of the picture where there is no sound
  std::shared_ptr<const Image> image;
  std::optional<TrackedFace> face;
  MeasuredFace measured;  // when there is a face
};

/// What one video alone, its sound and its source tell; complete once its last frame was taken.
struct SubjectFacts {
  EvaluatedVideo video;
  bool whole = true;            // nothing lies beyond SubjectOptions::end_s
  std::int64_t pts_errors = 0;  // VideoReader::pts_errors()
  MeasuredFigures figures;
  Curve openness, loudness, speech, offset, identity;
  std::vector<double> sync_distance;
  std::vector<NotableFrame> notable;
  std::vector<std::string> warnings;            // sentences
  std::map<std::string, std::string> networks;  // name -> SHA-256
};

/// Measures one group of figures from the frames of one video, in order.
class FrameMeter {
 public:
  virtual ~FrameMeter() = default;
  virtual void push(const ObservedFrame& frame) = 0;
  /// After the last frame.
  virtual void finish(SubjectFacts& facts) = 0;
};

}  // namespace visema::session
