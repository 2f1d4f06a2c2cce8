#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <vector>

#include "visema/landmarks/face_shapes.h"
#include "visema/models/tensor_file.h"
#include "visema/session/compact.h"

namespace visema::session {

/// Coefficients of faces are multiples of this.
inline constexpr double kShapeStep = 1e-3;
/// Log-mel values, -4..4, go in this many steps.
inline constexpr double kMelLevels = 255;

/// A clip of a training pack: its line of pack.json and its tensors.
class PackedClip {
 public:
  /// Throws Error(kInput) when the counts of the line make no clip.
  PackedClip(nlohmann::ordered_json line, TensorFile shard);

  const nlohmann::ordered_json& line() const { return line_; }
  const std::string& id() const { return id_; }
  bool talks() const { return contains("mel"); }
  std::int64_t frames() const { return frames_; }
  std::int64_t crops() const { return crops_; }
  bool contains(const std::string& part) const { return shard_.contains(id_ + "/" + part); }
  std::vector<float> floats(const std::string& part, const std::vector<std::int64_t>& shape) const;
  /// U8 or I32 numbers as they are. Throws Error(kModel) when the shape is another.
  std::span<const std::byte> bytes(const std::string& part, const std::string& dtype,
                                   const std::vector<std::int64_t>& shape) const;
  /// Throw Error(kInput) where a face has no finite coordinates; of the frames, the valid ones.
  std::vector<FaceMesh> meshes() const;
  FaceMesh rest() const;
  std::int64_t mel_frames() const;
  /// Of the speech encoder's features; 0 where the pack has none.
  std::int64_t encoded_rows() const;

 private:
  nlohmann::ordered_json line_;
  TensorFile shard_;
  std::string id_;
  std::int64_t frames_ = 0;
  std::int64_t crops_ = 0;
};

/// Sums of errors over clips.
struct ErrorSums {
  double mesh = 0, lips = 0, points = 0;  // of squares
  double mesh_count = 0, lips_count = 0, points_count = 0;
  double mesh_most = 0, points_most = 0, mel_most = 0;

  void add(const ErrorSums& other);
  CompactErrors errors() const;
};

/// Clips that are coded together (docs/training-pack.md says how).
struct CompactGroup {
  std::map<std::string, std::vector<std::byte>> blobs;
  nlohmann::ordered_json clips = nlohmann::ordered_json::array();
  ErrorSums sums;

  std::size_t bytes() const;
};

/// `scratch`: a file name, without extension, for videos that are gone afterwards. Any thread.
CompactGroup encode_group(std::span<const PackedClip> clips, const FaceShapes& shapes,
                          const CompactOptions& options, const std::filesystem::path& scratch);

}  // namespace visema::session
