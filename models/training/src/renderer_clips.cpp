#include "renderer_clips.h"

#include <cstring>
#include <set>
#include <utility>

#include "pack_reader.h"
#include "visema/core/error.h"
#include "visema/renderer/face_crop.h"

namespace visema::training {
namespace {

constexpr int kUpperInnerLip = 13;
constexpr int kLowerInnerLip = 14;

/// Pixels and points of a clip from its shard.
void read_crops(CropClip& clip, const TensorFile& file) {
  const Tensor crops = file.get(clip.id + "/crop");
  const auto& shape = crops.shape;
  if (crops.dtype != "U8" || shape.size() != 4 || shape[1] != kCropSize || shape[2] != kCropSize ||
      shape[3] != 3)
    throw Error(ErrorCode::kModel, file.source() + ": tensor " + clip.id +
                                       "/crop: must be U8 [N, " + std::to_string(kCropSize) + ", " +
                                       std::to_string(kCropSize) + ", 3]");
  clip.pixels = crops.bytes;
  clip.points = file.floats(clip.id + "/crop_points", {shape[0], kMeshPoints, 2});
  for (const std::int64_t frame : file.integers(clip.id + "/crop_frame"))
    clip.frame.push_back(static_cast<std::int32_t>(frame));
  if (clip.frame.size() != static_cast<std::size_t>(shape[0]))
    throw Error(ErrorCode::kModel, file.source() + ": tensor " + clip.id + "/crop_frame: has " +
                                       std::to_string(clip.frame.size()) + " numbers for " +
                                       std::to_string(shape[0]) + " crops");
  for (std::size_t n = 0; n < clip.count(); ++n) {
    const auto points = clip.points_of(n);
    clip.gap_px.push_back(points[kLowerInnerLip].y - points[kUpperInnerLip].y);
  }
}

/// Sum of the rest faces, for their mean.
void add_rest(const TensorFile& file, const std::string& id, FaceMesh& sum) {
  const auto rest = file.floats(id + "/rest", {kMeshPoints, 3});
  for (std::size_t i = 0; i < kMeshPoints; ++i) {
    sum[i].x += rest[i * 3];
    sum[i].y += rest[i * 3 + 1];
    sum[i].z += rest[i * 3 + 2];
  }
}

FaceTriangles read_triangles(const std::filesystem::path& path) {
  const TensorFile file = TensorFile::open(path);
  const auto corners = file.integers("triangles");
  if (corners.size() % 3 != 0)
    throw Error(ErrorCode::kModel, file.source() + ": tensor triangles: has " +
                                       std::to_string(corners.size()) +
                                       " numbers: must be a multiple of 3");
  std::vector<FaceTriangles::Triangle> triangles(corners.size() / 3);
  for (std::size_t i = 0; i < corners.size(); ++i)
    triangles[i / 3][i % 3] = static_cast<std::int32_t>(corners[i]);
  return FaceTriangles(triangles);
}

FaceMesh divided(FaceMesh sum, float count) {
  for (Point3& point : sum) point = {point.x / count, point.y / count, point.z / count};
  return sum;
}

}  // namespace

Image CropClip::picture(std::size_t n) const {
  Image image(kCropSize, kCropSize);
  std::memcpy(image.rgb.data(), pixels.data() + n * image.rgb.size(), image.rgb.size());
  return image;
}

FacePoints CropClip::points_of(std::size_t n) const {
  FacePoints result;
  const float* from = points.data() + n * kMeshPoints * 2;
  for (Point2& point : result) {
    point = {from[0], from[1]};
    from += 2;
  }
  return result;
}

CropSet CropSet::load(const std::filesystem::path& folder, const std::filesystem::path& face) {
  PackReader pack(folder);
  CropSet set{.triangles = read_triangles(face)};
  set.pack_sha256 = pack.sha256();
  std::set<std::string> shards;
  FaceMesh sum{};
  for (const PackClip& entry : pack.clips()) {
    if (entry.crops < kLeastCrops) continue;
    const TensorFile& file = pack.shard(entry);
    if (shards.insert(entry.shard).second) set.files.push_back(file);
    CropClip clip;
    clip.id = entry.id;
    clip.source = entry.source;
    clip.person = entry.person;
    clip.validation = !entry.training;
    clip.weight = entry.weight;
    read_crops(clip, file);
    add_rest(file, clip.id, sum);
    set.clips.push_back(std::move(clip));
  }
  if (set.clips.empty())
    throw Error(ErrorCode::kInput, (folder / "pack.json").string() + ": no clip has " +
                                       std::to_string(kLeastCrops) + " face crops");
  set.mirror = mirror_map(divided(sum, static_cast<float>(set.clips.size())));
  return set;
}

}  // namespace visema::training
