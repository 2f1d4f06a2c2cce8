#pragma once

#include <cstdint>
#include <optional>

#include "visema/core/landmark_frame.h"

namespace visema {

/// A face in a frame, as tracked and with the head's motion removed.
struct MeasuredFace {
  FaceMesh px;         // picture pixels
  FaceMesh canonical;  // core/landmark_frame.h
};

/// lips.*: how far a face's landmarks are from the real ones, frame by frame. Faces of both videos
/// in frames of the same time, in order. Holds sums and two pairs of faces.
class LipDistance {
 public:
  /// `real_scale`: pixels of the video in a pixel of the real one, where their sizes differ.
  explicit LipDistance(float real_scale_x = 1, float real_scale_y = 1)
      : scale_x_(real_scale_x), scale_y_(real_scale_y) {}

  void push(double time_s, const MeasuredFace& face, double real_time_s, const MeasuredFace& real);
  /// A frame in which one of the faces is missing: velocities start anew.
  void skip();

  struct Result {
    double distance_px = 0;       // ViCo (Zhou et al. 2022), IP-LAP (Zhong et al. 2023)
    double face_distance_px = 0;  // the same over all points of the mesh
    double distance = 0;          // canonical units: distances of the outer eye corners
    double face_distance = 0;
    double velocity_distance = 0;       // canonical units a second
    std::optional<double> correlation;  // of openness; nothing when the real mouth is still
    std::optional<double> gain;
  };
  /// Nothing before two frames in a row between which time passes in both videos.
  std::optional<Result> result() const;

 private:
  /// Canonical faces of the same time.
  struct Pair {
    double time_s = 0, real_time_s = 0;
    FaceMesh face{}, real{};
  };
  struct Velocities {
    double sum = 0;
    std::int64_t steps = 0;
    void add(const std::optional<Pair>& from, const std::optional<Pair>& to);
  };

  float scale_x_, scale_y_;
  std::int64_t frames_ = 0;
  double lips_px_ = 0, face_px_ = 0, lips_ = 0, face_ = 0;
  double gap_ = 0, real_gap_ = 0, gap2_ = 0, real_gap2_ = 0, gap_real_ = 0;  // moments of openness
  // The last two real frames, each with the frame of the video that is nearest to it, and the
  // velocities up to the first of them.
  Velocities velocities_;
  std::optional<Pair> last_, now_;
};

/// Inner-lip gap over face width of a face in the canonical frame: 0 closed, about 0.1 wide open.
double openness(const FaceMesh& canonical);

}  // namespace visema
