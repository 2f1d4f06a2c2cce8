#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "renderer_mirror.h"
#include "visema/core/image.h"
#include "visema/core/landmark_frame.h"
#include "visema/models/tensor_file.h"
#include "visema/renderer/face_triangles.h"

namespace visema::training {

/// The face crops of one clip. Pixels stay in the mapped file.
struct CropClip {
  std::string id, source, person;
  bool validation = false;
  double weight = 1;
  std::vector<std::int32_t> frame;  // N, place in the clip's video
  std::vector<float> gap_px;        // N, between the inner lips
  std::vector<float> points;        // N * 478 * 2, crop pixels
  std::span<const std::byte> pixels;

  std::size_t count() const { return frame.size(); }
  Image picture(std::size_t n) const;
  FacePoints points_of(std::size_t n) const;
};

/// What the renderer learns from: the clips of a training pack that have at least `kLeastCrops`.
struct CropSet {
  static constexpr std::int64_t kLeastCrops = 4;

  FaceTriangles triangles;
  std::vector<TensorFile> files;  // keep the pixels mapped
  std::vector<CropClip> clips;
  MirrorMap mirror{};
  std::string pack_sha256;

  /// `face`: the canonical face's triangles (tensor file). Throws Error(kInput) or Error(kModel)
  /// that names the file.
  static CropSet load(const std::filesystem::path& folder, const std::filesystem::path& face);
};

}  // namespace visema::training
