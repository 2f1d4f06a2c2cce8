#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "visema/core/image.h"

namespace visema {

/// stream.*: is the picture a regular clock?
class StreamClock {
 public:
  /// Frames with rising times.
  void push(double time_s, std::shared_ptr<const Image> image);

  struct Result {
    double fps = 0;             // frames that a regular clock has, over their length
    double duration_s = 0;      // from the first frame to the end of the last
    std::int64_t dropped = 0;   // missing from a clock of the median distance of two frames
    std::int64_t repeated = 0;  // the same picture as the one before
  };
  Result result() const;

 private:
  std::vector<float> steps_;
  std::shared_ptr<const Image> last_image_;
  double first_time_s_ = 0, last_time_s_ = 0;
  std::int64_t frames_ = 0, repeated_ = 0;
};

/// Nearly all pixels are the same: more than an encoder leaves of two pictures that differ.
bool is_repeated(const Image& a, const Image& b);

}  // namespace visema
