#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <vector>

#include "visema/core/face_points.h"
#include "visema/core/landmark_frame.h"
#include "visema/models/compute.h"
#include "visema/models/weight_card.h"

namespace visema {

inline constexpr const char* kSyncName = "visema-sync";
inline constexpr const char* kSyncVersion = "3";

/// The logarithm of how much likelier than chance a mouth and a sound are to belong together is the
/// product of their embeddings over this, less a constant of the mouth: it was trained with.
inline constexpr double kSyncTemperature = 0.08;
/// Moments of other people's speech that stand for chance; kept in the weight file.
inline constexpr int kSyncBackground = 256;

/// The grid of video frames and shifts that sync is measured on (Chung and Zisserman 2016).
inline constexpr int kSyncFps = 25;
/// Mel frames (80 a second) in a video frame of the grid.
inline constexpr double kSyncMelPerFrame = 3.2;
inline constexpr int kSyncMelBands = 80;
/// Mel frames on either side of a moment that its embedding sees, 175 ms.
inline constexpr int kSyncSpeechReach = 14;
/// Side of the mouth crop (renderer/face_crop.h) and of its middle, which the network looks at.
inline constexpr int kSyncCrop = 48;
inline constexpr int kSyncPicture = 44;

/// Points of the mesh that enter: both lip contours and the jaw.
inline constexpr int kSyncPoints = 59;
inline constexpr std::array<std::uint16_t, kSyncPoints> kSyncPointList = [] {
  std::array<std::uint16_t, kSyncPoints> all{};
  std::size_t n = 0;
  for (const auto point : kInnerLips) all[n++] = point;
  for (const auto point : kOuterLips) all[n++] = point;
  for (const auto point : kJaw) all[n++] = point;
  return all;
}();

/// Appends x, y of the sync points of a mesh in the canonical frame.
void append_sync_points(const FaceMesh& canonical, std::vector<float>& out);

/// Does this mouth belong to this sound? Two towers whose embeddings lie close together when the
/// sound around a moment was spoken by the mouth around it: the mouth's pictures and landmarks, and
/// log-mel. After SyncNet (Chung and Zisserman 2016); not that network. Embeddings have length 1.
/// One thread at a time. Throws Error(kModel) on construction.
class SyncNetwork {
 public:
  SyncNetwork(const std::filesystem::path& path, const Compute& compute);
  ~SyncNetwork();
  SyncNetwork(SyncNetwork&&) noexcept;
  SyncNetwork& operator=(SyncNetwork&&) noexcept;

  /// Frames of video that one embedding sees.
  int window() const;
  int embedding_size() const;

  /// crops: count * kSyncCrop^2 luma at 25 frames a second, points: count * kSyncPoints * 2
  /// (append_sync_points) -> (count - window + 1) embeddings; the first belongs to frame
  /// window / 2. Nothing when count < window.
  std::vector<float> embed_mouth(std::span<const std::uint8_t> crops,
                                 std::span<const float> points) const;
  /// mel: M * 80 values of LogMel; positions: moments in mel frames from the start of `mel`, each
  /// in [kSyncSpeechReach, M - 1 - kSyncSpeechReach] -> one embedding per position.
  std::vector<float> embed_speech(std::span<const float> mel,
                                  std::span<const float> positions) const;

  /// The constant of each mouth: ln of the mean of exp(m b / kSyncTemperature) over the background.
  std::vector<float> background(std::span<const float> mouths) const;

  const WeightCard& card() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace visema
