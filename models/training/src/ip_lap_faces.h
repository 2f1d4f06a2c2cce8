#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "pack_reader.h"
#include "random.h"
#include "visema/core/iplap_points.h"

namespace visema::training {

inline constexpr int kIpLapFaceSide = 128;
/// Numbers of a face or a sketch, three planes.
inline constexpr std::size_t kIpLapPlanes = std::size_t{3} * kIpLapFaceSide * kIpLapFaceSide;

/// A clip's whole faces as IP-LAP's renderer sees them (visema prepare --faces).
struct IpLapFaceClip {
  struct Place {
    std::array<Point2, kIplapPoints> points{};  // 0..1 of the crop
    int width = 0, height = 0;                  // of the crop, pixels; 0: no face
  };
  std::string id, source;
  double weight = 1;
  std::vector<float> time_s;          // T
  std::vector<Place> places;          // T
  std::vector<float> mel;             // M * 80
  std::vector<std::size_t> frame;     // N, of the T frames
  std::span<const std::byte> pixels;  // N * kIpLapPlanes, in the pack's mapped file

  /// Planes b g r in 0..1 of face n.
  void copy_face(std::size_t n, float* planes) const;
  /// The place at any time: of the last frame until then with a face.
  const Place& place_at(double t) const;
};

/// The clips of one split with their own sound and more faces than `references`. `pack` must
/// outlive them. Throws Error(kInput) where no clip of the split has any whole face.
std::vector<IpLapFaceClip> load_ip_lap_faces(PackReader& pack, bool training,
                                             std::int64_t references);

/// A rectangle in 0..1 of a face.
struct IpLapMouthBox {
  float left = 0, top = 0, right = 0, bottom = 0;
};

/// What the renderer learns from, row major.
struct IpLapFaceSamples {
  std::int64_t count = 0;
  std::vector<float> face;              // count * [3, 128, 128], the answer
  std::vector<float> sketches;          // count * [5, 3, 128, 128]
  std::vector<float> mel;               // count * [80, 16]
  std::vector<float> pictures;          // count * [R, 3, 128, 128], other faces of the clip
  std::vector<float> picture_sketches;  // likewise
  std::vector<IpLapMouthBox> mouth;  // count: the answer's lips and a fifth of their width around
};

/// Draws faces and others of the same clip as references. Clips must outlive it; may be called from
/// any thread.
class IpLapFaceSampler {
 public:
  /// Throws Error(kInput) when there is no clip.
  IpLapFaceSampler(const std::vector<IpLapFaceClip>& clips, std::int64_t references,
                   std::uint64_t seed);
  /// Depends on clips, seed and step alone.
  IpLapFaceSamples draw(std::int64_t step, std::int64_t count) const;

 private:
  void draw_one(Random& random, std::size_t row, IpLapFaceSamples& out) const;

  const std::vector<IpLapFaceClip>& clips_;
  const std::size_t references_;
  const std::uint64_t seed_;
  std::vector<double> reach_;  // running sum of weights
};

}  // namespace visema::training
