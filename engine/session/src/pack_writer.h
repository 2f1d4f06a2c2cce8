#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "visema/core/image.h"
#include "visema/core/iplap_points.h"
#include "visema/core/landmark_frame.h"

namespace visema::session {

/// sync.* of a clip (docs/metrics.md).
struct SyncFacts {
  int offset_frames = 0;  // of 40 ms; above 0: the sound comes late
  double margin = 0;
  double evidence = 0;
  double seconds = 0;  // of speech that was judged
};

/// What a clip is worth to training.
struct ClipQuality {
  double tracked_share = 0;  // of the frames
  double face_px = 0;        // between the outer eye corners, median
  double sharpness = 0;      // sharpness_of() the crops, mean
  std::optional<SyncFacts> sync;
};

/// A face in IP-LAP's crop.
struct IplapPlace {
  std::array<Point2, kIplapPoints> points{};  // 0..1 of the crop
  int width = 0, height = 0;                  // of the crop, pixels; 0: no face
};

/// What one clip gives to training (docs/training-pack.md).
struct ClipData {
  std::string id;
  std::string source;
  std::string person;
  std::string split;  // "train" or "val"
  double fps = 25;
  double weight = 1;
  std::string dropped;   // why the clip is left out; empty: it is in
  std::string silenced;  // why its sound is left out; empty: it is in, or there is none
  ClipQuality quality;

  std::vector<float> time_s;              // T
  std::vector<FaceMesh> mesh;             // T, canonical
  std::vector<std::uint8_t> valid;        // T
  FaceMesh rest{};                        // canonical
  std::vector<float> mel;                 // M * 80, empty for a silent clip
  std::vector<std::uint8_t> active;       // M
  std::vector<float> encoded;             // L * kEncodedWidth, of SpeechEncoder; empty likewise
  std::vector<std::uint8_t> mouths;       // T * kMouthSize^2 luma, empty for a silent clip
  std::vector<Image> crops;               // N, kCropSize square
  std::vector<FaceMesh> crop_points;      // N, crop pixels
  std::vector<std::int32_t> crop_frame;   // N, index into T
  std::vector<IplapPlace> face_places;    // T, empty when not asked for
  std::vector<std::uint8_t> face_pixels;  // F * 3 * 128 * 128, planes b g r
  std::vector<std::int32_t> face_frame;   // F, index into T
  std::vector<float> embedding;           // of the face, empty when not asked for
};

/// Writes clips into shards of about a quarter of a gigabyte, in the order they are added, and the
/// list of them at the end.
class PackWriter {
 public:
  explicit PackWriter(std::filesystem::path folder);

  /// Keeps the clip until its shard is full, then lets its pictures and sound go.
  void add(ClipData clip);
  /// Writes the last shard. Afterwards clips() is complete, without pictures and sound.
  void flush();
  /// The clips, in order, for assigning person and split before write_list().
  std::vector<ClipData>& clips() { return clips_; }
  /// SHA-256 over all shards and the basis.
  std::string checksum(const std::string& basis_file) const;
  /// Writes pack.json. Throws Error(kOutput).
  void write_list(const std::string& basis_file) const;

 private:
  std::filesystem::path folder_;
  std::vector<ClipData> clips_;
  std::vector<std::string> shard_of_;
  std::vector<std::string> shard_sums_;
  std::size_t first_in_shard_ = 0;
  std::size_t shard_bytes_ = 0;
};

}  // namespace visema::session
