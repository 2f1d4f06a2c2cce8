#pragma once

#include <filesystem>
#include <memory>
#include <optional>

#include "visema/core/image.h"
#include "visema/core/landmark_frame.h"

namespace visema {

/// Which of several faces is followed. Positions count when a face is first chosen.
enum class FaceTrackerChoice { kLargest, kLeft, kRight, kIndex };

struct FaceTrackerOptions {
  FaceTrackerChoice choice = FaceTrackerChoice::kLargest;
  int face_index = 0;       // for kIndex: from the picture's left, 0 is the first
  float min_face_px = 48;   // longer side of the mesh's box; smaller faces count as none
  float min_score = 0.5f;   // face presence
  bool smooth = true;       // One Euro filter (Casiez et al. 2012)
  int check_interval = 25;  // frames between two looks at the whole picture
};

/// Follows one face through the frames of a stream: the region of the frame before is used again;
/// the detector runs when it is lost and now and then to see that it is still the same face. A
/// still picture is a stream of one frame. Lips, lids and irises are smoothed so little that a
/// closure of one frame stays visible. One thread at a time.
class FaceTracker {
 public:
  /// The folder holds face_detector, face_mesh and canonical_face .safetensors.
  explicit FaceTracker(const std::filesystem::path& models, FaceTrackerOptions options = {});
  ~FaceTracker();
  FaceTracker(FaceTracker&&) noexcept;
  FaceTracker& operator=(FaceTracker&&) noexcept;

  /// Nothing when the frame shows no face. Frames in the order of the stream.
  std::optional<TrackedFace> track(const VideoFrame& frame);
  /// Forgets the stream; the next frame is the first of another one.
  void reset();

  /// Longer side of the largest face that was refused as too small since reset(), 0 for none.
  float too_small_face_px() const;
  /// Most faces that one search of a whole picture found since reset(). Searches run when there is
  /// no face to follow.
  int most_faces() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace visema
