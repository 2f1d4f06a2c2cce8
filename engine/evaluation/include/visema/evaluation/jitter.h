#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "visema/core/landmark_frame.h"

namespace visema {

/// jitter.*: how much landmarks tremble. For each frame the distance of each point from the middle
/// between its places in the frames before and after, root mean square over the points, as
/// thousandths of the face's width; the median over frames, so that quick movements, which are few,
/// do not count. Of videos above 40 frames a second every second, third ... frame is taken: those
/// that come nearest to 25 a second.
class Jitter {
 public:
  /// fps: of the video.
  explicit Jitter(double fps) : every_(fps > 40 ? std::lround(fps / 25) : 1) {}
  /// A face in the canonical frame (head motion removed).
  void push(const FaceMesh& canonical);
  /// A frame without a face.
  void skip() { have_ = 0; }

  struct Result {
    double lips = 0;
    double rigid = 0;
  };
  /// Nothing before the third frame.
  std::optional<Result> result() const;

 private:
  std::int64_t every_;
  std::int64_t frame_ = 0;
  int have_ = 0;
  std::array<FaceMesh, 2> last_{};  // the one before, the one before that
  std::vector<float> lips_, rigid_;
};

}  // namespace visema
