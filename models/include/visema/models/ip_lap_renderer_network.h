#pragma once

#include <filesystem>
#include <memory>
#include <span>

#include "visema/models/compute.h"
#include "visema/models/weight_card.h"

namespace visema {

inline constexpr const char* kIpLapRendererName = "ip-lap-renderer";
inline constexpr const char* kIpLapRendererVersion = "1";

inline constexpr int kIpLapSize = 128;       // side of faces and sketches
inline constexpr int kIpLapReferences = 25;  // most reference pictures

/// Reference pictures and all that the network makes of them alone. Belongs to the network that
/// encoded it. Copies share it; any thread may use it.
class IpLapReferences {
 public:
  int count() const;

 private:
  friend class IpLapRendererNetwork;
  struct State;
  explicit IpLapReferences(std::shared_ptr<const State> state) : state_(std::move(state)) {}
  std::shared_ptr<const State> state_;
};

/// What one frame is painted from; planes b g r in 0..1, row major, as OpenCV reads pictures and
/// the published weights were trained.
struct IpLapTarget {
  std::span<const float> face;      // [3, 128, 128]: the crop; its lower half is not looked at
  std::span<const float> sketches;  // [5, 3, 128, 128]: of frames t - 2 .. t + 2
  std::span<const float> mel;       // [80, 16]: bands x frames around t, -4..4
};

/// The published renderer of IP-LAP (Zhong et al. 2023, "Identity-Preserving Talking Face
/// Generation with Landmark and Appearance Priors"): warps the references to the target's
/// landmarks, blends them and paints the face. Same numbers as the published formulation, in less
/// work. Any number of threads may call encode_references() and render() at the same time, each
/// with `compute.threads` threads.
class IpLapRendererNetwork {
 public:
  /// Throws Error(kModel) that names the file and the tensor, Error(kInput) when it cannot be read.
  IpLapRendererNetwork(const std::filesystem::path& weights, const Compute& compute);
  ~IpLapRendererNetwork();
  IpLapRendererNetwork(IpLapRendererNetwork&&) noexcept;
  IpLapRendererNetwork& operator=(IpLapRendererNetwork&&) noexcept;

  /// pictures and their sketches [N, 3, 128, 128] in 0..1, N in 1..25. Once per avatar.
  IpLapReferences encode_references(std::span<const float> pictures,
                                    std::span<const float> sketches) const;

  /// picture [3, 128, 128] in 0..1. warped: empty, or [3, 128, 128] for the blend of the warped
  /// reference pictures.
  void render(const IpLapReferences& references, const IpLapTarget& target,
              std::span<float> picture, std::span<float> warped = {}) const;
  const WeightCard& card() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace visema
