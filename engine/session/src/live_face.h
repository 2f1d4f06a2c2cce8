#pragma once

#include <mutex>
#include <optional>

#include "frame_items.h"
#include "visema/landmarks/canonical_face.h"
#include "visema/pipeline/stage.h"
#include "visema/session/render.h"

namespace visema::session {

/// What the control of a live run does to a motion that speech and life have made: expressions,
/// looks, and a mouth that closes when speech is stopped. Every change is eased in, from the next
/// frame on that it sees. Motions pass unchanged until something is asked for. One thread runs the
/// stage, the others call from any.
class LiveFace {
 public:
  LiveFace(const CanonicalFace& canonical, Rational fps, int rate_hz, Expression expression,
           double strength);

  void process(SpokenFrame spoken, const Emit<SpokenFrame>& emit);
  void finish(const Emit<SpokenFrame>&) {}
  void reset() {}

  /// In place of the expression that the run began with; strength 0..2.
  void express(Expression expression, double strength);
  /// -1..1: to the picture's left and right, up and down; 0, 0 as life has it.
  void look(double x, double y);
  /// Sound before `heard` is silenced: the mouth closes within 120 ms and stays closed until the
  /// motion has left that sound behind.
  void close_mouth(SampleIndex heard);
  /// Sound is heard again, from `sample` on.
  void speech_begins(SampleIndex sample);
  /// The first frame that shows a closing mouth since the last close_mouth().
  std::optional<FrameIndex> closing() const;

 private:
  struct Target {
    FaceMesh expression{};  // beside the one that the run began with
    Point2 look;
  };
  struct Closing {
    SampleIndex heard = 0;
    std::optional<SampleIndex> speech;  // when it begins again
    std::optional<SampleIndex> begins;  // start of the first frame that closes
    std::optional<FrameIndex> frame;
    float level = 1;  // share of speech when it began
  };

  Target at(SampleIndex sample) const;
  float speech_share(SampleIndex sample) const;
  void apply(FaceMotion& motion, SampleIndex sample);
  void close(SpokenFrame& spoken, SampleIndex sample);

  const CanonicalFace& canonical_;
  const Rational fps_;
  const int rate_hz_;
  const FaceMesh begun_with_;

  mutable std::mutex mutex_;
  Target from_, to_;
  SampleIndex eases_from_ = 0;
  std::optional<Target> asked_;
  bool still_ = true;  // nothing was ever asked for
  std::optional<Closing> closing_;
  float speech_share_ = 1;  // in the last frame
};

}  // namespace visema::session
