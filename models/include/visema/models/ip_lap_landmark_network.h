#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <vector>

#include "visema/models/compute.h"
#include "visema/models/weight_card.h"

namespace visema {

inline constexpr const char* kIpLapLandmarksName = "ip-lap-landmarks";
inline constexpr const char* kIpLapLandmarksVersion = "1";

inline constexpr int kIpLapWindow = 5;               // frames that are seen together, 25 a second
inline constexpr int kIpLapPosePoints = 74;          // eyes, brows, nose, upper face contour
inline constexpr int kIpLapContentPoints = 57;       // 17 of the jaw, then 40 of the lips
inline constexpr int kIpLapReferenceLandmarks = 15;  // sets of landmarks of the speaker
inline constexpr int kIpLapMelBands = 80;
inline constexpr int kIpLapMelFrames = 16;  // of a window, 80 a second

/// What the landmark network sees, row major. Landmarks are a row of x and a row of y in 0..1 of
/// the face crop's width and height.
struct IpLapSpeech {
  std::span<const float> mels;               // [5, 80, 16]: bands x frames, -4..4
  std::span<const float> poses;              // [5, 2, 74]
  std::span<const float> reference_poses;    // [15, 2, 74]
  std::span<const float> reference_content;  // [15, 2, 57], of the same frames
};

/// The published landmark generator of IP-LAP (Zhong et al. 2023, "Identity-Preserving Talking Face
/// Generation with Landmark and Appearance Priors"): speech, head poses and the speaker's reference
/// landmarks to lips and jaw of five frames. Runs in fp32. Any number of threads may call predict()
/// at the same time, each with `compute.threads` threads.
class IpLapLandmarkNetwork {
 public:
  /// Throws Error(kModel) that names the file and the tensor, Error(kInput) when it cannot be read.
  IpLapLandmarkNetwork(const std::filesystem::path& weights, const Compute& compute);
  ~IpLapLandmarkNetwork();
  IpLapLandmarkNetwork(IpLapLandmarkNetwork&&) noexcept;
  IpLapLandmarkNetwork& operator=(IpLapLandmarkNetwork&&) noexcept;

  /// -> [5, 2, 57] in the same coordinates.
  std::vector<float> predict(const IpLapSpeech& speech) const;
  const WeightCard& card() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace visema
