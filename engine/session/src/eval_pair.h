#pragma once

#include <optional>
#include <vector>

#include "eval_meter.h"
#include "visema/evaluation/lip_distance.h"
#include "visema/evaluation/perceptual.h"
#include "visema/evaluation/picture_similarity.h"
#include "visema/session/eval.h"

namespace visema::session {

/// Keeps the frames in which a figure was worst, at most `count`, at least half a second apart, as
/// pictures of the face.
class WorstFrames {
 public:
  WorstFrames(std::string measure, std::size_t count)
      : measure_(std::move(measure)), count_(count) {}
  /// badness: the larger the worse.
  void offer(double badness, double value, const ObservedFrame& frame, const ObservedFrame* other);
  std::vector<NotableFrame> take() const;

 private:
  struct Entry {
    double badness = 0;
    NotableFrame frame;
  };
  std::string measure_;
  std::size_t count_;
  std::vector<Entry> entries_;  // worst first
};

/// Figures of pairs of frames: lips.* and what of picture.* compares with the real video.
class EvalPairMeter {
 public:
  /// real: null without a reference.
  EvalPairMeter(const EvalOptions& options, const EvaluatedVideo& video,
                const EvaluatedVideo* real);
  /// real: null when there is no frame near in time.
  void push(const ObservedFrame& frame, const ObservedFrame* real);
  void finish(MeasuredFigures& figures);
  std::vector<NotableFrame> take_notable() const;

 private:
  struct Mean {
    double sum = 0;
    std::int64_t count = 0;
  };
  bool compared_;
  void compare_pictures(const ObservedFrame& frame, const ObservedFrame& real);
  void look(const Image& a, const Image& b, Mean& mean) const;
  void put_pictures(MeasuredFigures& figures) const;

  std::int64_t pairs_ = 0;
  std::optional<PerceptualDistance> perceptual_;
  Mean full_look_, face_look_, mouth_look_;
  SimilarityMean full_, face_, mouth_;
  LipDistance lips_;
  WorstFrames worst_lips_{"lips.distance", 3};
  WorstFrames worst_mouth_{"picture.mouth_psnr_db", 2};
};

}  // namespace visema::session
