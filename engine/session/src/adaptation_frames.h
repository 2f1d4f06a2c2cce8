#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <span>
#include <vector>

#include "visema/landmarks/avatar.h"
#include "visema/renderer/generator_input.h"

namespace visema::session {

/// Positions in an avatar's frames.
struct AdaptationSplit {
  std::vector<std::size_t> learning;
  /// Whole half seconds of usable frames; no learning frame is beside them.
  std::vector<std::size_t> held_out;
};

/// Which frames a generator may learn an avatar's face from, and which judge it: those that are
/// painted in full at render time, away from the frames that the references were cut from, at most
/// `most` to learn and `most_held_out` to judge, evenly spread. Throws Error(kInput) that names
/// `source` where there are fewer than three seconds of them, fewer than 40 to learn or 8 to judge,
/// or the mouth hardly opens.
AdaptationSplit split_frames(const Avatar& avatar, const std::filesystem::path& source,
                             std::size_t most, std::size_t most_held_out);

/// Frames of an avatar's source as examples for its generator. The input is made as at render time:
/// the avatar's two references are warped to where the frame's face is.
class AdaptationFrames {
 public:
  /// Reads the frames out of `source`, fewer where it ends early. `go_on` is asked at every frame,
  /// also those between; false throws Error(kInterrupted).
  AdaptationFrames(const Avatar& avatar, const std::filesystem::path& source,
                   std::span<const FaceTriangles::Triangle> triangles,
                   const std::vector<std::size_t>& frames, const std::function<bool()>& go_on);

  std::size_t count() const { return views_.size(); }
  /// Planes [13, 192, 192] and the frame's own picture [3, 192, 192]. Any thread.
  void example(std::size_t index, std::span<float> planes, std::span<float> target) const;

 private:
  FaceTriangles triangles_;
  Reference rest_;
  Reference open_;
  std::vector<Reference> views_;  // of the frames
};

}  // namespace visema::session
