#pragma once

#include <optional>
#include <string>
#include <vector>

#include "visema/core/landmark_frame.h"
#include "visema/models/speech_basis.h"

namespace visema {

/// How a person's mouth speaks, beyond what the speech network says of everybody's
/// (docs/adr/0025-a-speaker-keeps-their-style.md).
struct SpeakingStyle {
  float articulation = 1;      // how far lips and jaw move, times the natural one
  std::vector<float> posture;  // lower coefficients, where the mouth is held while it speaks
  std::string network;         // SHA-256 of the speech weights that it completes
};

/// Compares what the network says of a sound with what the face that speaks it does. Only means and
/// spreads count, so sound and picture need not be in sync. The posture does not open or close the
/// lips: closed ones stay closed. Both parts fade in with the seconds of speech. One thread at a
/// time.
class SpeakingStyleFit {
 public:
  /// Less speech than this, in seconds, says nothing.
  static constexpr double kLeastSeconds = 1;

  /// The basis must outlive it.
  explicit SpeakingStyleFit(const BasisPart& lower);

  /// A frame of `seconds` in which there is speech: offsets from the rest face, said by the network
  /// at articulation 1 and real.
  void add(const FaceMesh& said, const FaceMesh& real, double seconds);
  double seconds() const { return seconds_; }
  /// Without `network`. Nothing with too little speech, and when the mouth moves so little or so
  /// much beside what is said that another one speaks.
  std::optional<SpeakingStyle> result() const;

 private:
  struct Gap {
    double sum = 0, squares = 0;
    void add(double gap);
    double mean(double n) const { return sum / n; }
    double spread(double n) const;
  };

  const BasisPart& lower_;
  double seconds_ = 0;
  double frames_ = 0;
  Gap said_gap_, real_gap_;
  FaceMesh said_{}, real_{};  // sums
};

}  // namespace visema
