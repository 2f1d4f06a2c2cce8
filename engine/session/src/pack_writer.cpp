#include "pack_writer.h"

#include <cstdio>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "visema/core/error.h"
#include "visema/core/sha256.h"
#include "visema/models/speech_encoder.h"
#include "visema/models/tensor_file.h"
#include "visema/renderer/face_crop.h"
#include "visema/renderer/iplap_face.h"

namespace visema::session {
namespace {

constexpr std::size_t kShardBytes = std::size_t{256} << 20;
constexpr std::int64_t kMelBands = 80;

std::vector<std::uint16_t> to_half(const std::vector<float>& values) {
  std::vector<std::uint16_t> half(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) half[i] = float_to_half(values[i]);
  return half;
}

/// Tensors of one clip and the numbers they view.
struct ClipTensors {
  std::vector<std::uint16_t> mel, encoded, mesh;
  std::vector<float> rest, points, face_points;
  std::vector<std::int32_t> face_size;
  std::vector<std::uint8_t> pixels;

  explicit ClipTensors(const ClipData& clip)
      : mel(to_half(clip.mel)), encoded(to_half(clip.encoded)) {
    for (const FaceMesh& face : clip.mesh)
      for (const Point3& p : face)
        for (const float v : {p.x, p.y, p.z}) mesh.push_back(float_to_half(v));
    for (const Point3& p : clip.rest) rest.insert(rest.end(), {p.x, p.y, p.z});
    for (const FaceMesh& face : clip.crop_points)
      for (const Point3& p : face) points.insert(points.end(), {p.x, p.y});
    for (const IplapPlace& place : clip.face_places) {
      for (const Point2& p : place.points) face_points.insert(face_points.end(), {p.x, p.y});
      face_size.insert(face_size.end(), {place.width, place.height});
    }
    for (const Image& crop : clip.crops)
      pixels.insert(pixels.end(), crop.rgb.begin(), crop.rgb.end());
  }

  void list(const ClipData& clip, std::map<std::string, Tensor>& tensors) const {
    const auto frames = static_cast<std::int64_t>(clip.mesh.size());
    const auto crops = static_cast<std::int64_t>(clip.crops.size());
    const auto mel_frames = static_cast<std::int64_t>(clip.active.size());
    const auto named = [&](const char* part) -> Tensor& { return tensors[clip.id + "/" + part]; };
    named("time") = view_of(clip.time_s, {frames});
    named("mesh") = view_of_half(mesh, {frames, kMeshPoints, 3});
    named("valid") = view_of(clip.valid, {frames});
    named("rest") = view_of(rest, {kMeshPoints, 3});
    if (mel_frames > 0) {
      named("mel") = view_of_half(mel, {mel_frames, kMelBands});
      named("encoded") = view_of_half(
          encoded, {static_cast<std::int64_t>(encoded.size()) / kEncodedWidth, kEncodedWidth});
      named("active") = view_of(clip.active, {mel_frames});
      named("mouth") = view_of(clip.mouths, {frames, kMouthSize, kMouthSize});
    }
    if (crops > 0) {
      named("crop") = view_of(pixels, {crops, clip.crops[0].height, clip.crops[0].width, 3});
      named("crop_points") = view_of(points, {crops, kMeshPoints, 2});
      named("crop_frame") = view_of(clip.crop_frame, {crops});
    }
    if (!clip.face_frame.empty()) {
      const auto faces = static_cast<std::int64_t>(clip.face_frame.size());
      named("face") = view_of(clip.face_pixels, {faces, 3, kIplapFaceSize, kIplapFaceSize});
      named("face_frame") = view_of(clip.face_frame, {faces});
      named("face_points") = view_of(face_points, {frames, kIplapPoints, 2});
      named("face_size") = view_of(face_size, {frames, 2});
    }
  }
};

std::size_t bytes_of(const ClipData& clip) {
  std::size_t bytes = clip.mesh.size() * sizeof(FaceMesh) / 2 +
                      (clip.mel.size() + clip.encoded.size()) * 2 + clip.mouths.size() +
                      clip.face_pixels.size() + clip.face_places.size() * sizeof(IplapPlace);
  for (const Image& crop : clip.crops) bytes += crop.rgb.size();
  return bytes;
}

std::string shard_name(std::size_t number) {
  char name[32];
  std::snprintf(name, sizeof name, "clips-%03zu.safetensors", number);
  return name;
}

nlohmann::ordered_json line_of(const ClipData& clip, const std::string& shard) {
  const ClipQuality& quality = clip.quality;
  nlohmann::ordered_json line = {{"id", clip.id},
                                 {"source", clip.source},
                                 {"person", clip.person},
                                 {"split", clip.split},
                                 {"sound", clip.active.empty() ? "none" : "own"},
                                 {"shard", shard},
                                 {"frames", clip.mesh.size()},
                                 {"crops", clip.crop_frame.size()},
                                 {"fps", clip.fps},
                                 {"weight", clip.weight},
                                 {"tracked_share", quality.tracked_share},
                                 {"face_px", quality.face_px},
                                 {"sharpness", quality.sharpness}};
  if (quality.sync) {
    line["sync_offset_frames"] = quality.sync->offset_frames;
    line["sync_margin"] = quality.sync->margin;
    line["sync_evidence"] = quality.sync->evidence;
    line["sync_seconds"] = quality.sync->seconds;
  }
  if (!clip.silenced.empty()) line["sound_left_out"] = clip.silenced;
  return line;
}

}  // namespace

PackWriter::PackWriter(std::filesystem::path folder) : folder_(std::move(folder)) {
  std::error_code error;
  std::filesystem::create_directories(folder_, error);
  if (error)
    throw Error(ErrorCode::kOutput, folder_.string() + ": cannot be made: " + error.message());
}

void PackWriter::add(ClipData clip) {
  shard_bytes_ += bytes_of(clip);
  clips_.push_back(std::move(clip));
  if (shard_bytes_ >= kShardBytes) flush();
}

void PackWriter::flush() {
  if (first_in_shard_ == clips_.size()) return;
  const std::string name = shard_name(shard_sums_.size());
  std::vector<ClipTensors> owned;
  owned.reserve(clips_.size() - first_in_shard_);
  std::map<std::string, Tensor> tensors;
  for (std::size_t i = first_in_shard_; i < clips_.size(); ++i) {
    if (!clips_[i].dropped.empty()) continue;
    owned.emplace_back(clips_[i]);
    owned.back().list(clips_[i], tensors);
  }
  write_tensor_file(folder_ / name, tensors, {{"visema", "training pack, version 1"}});
  shard_sums_.push_back(sha256_hex_of_file(folder_ / name));
  for (std::size_t i = first_in_shard_; i < clips_.size(); ++i) {
    shard_of_.push_back(name);
    clips_[i].crops.clear();
    clips_[i].crops.shrink_to_fit();
    clips_[i].mel = {};
    clips_[i].encoded = {};
    clips_[i].mouths = {};
    clips_[i].face_places = {};
    clips_[i].face_pixels = {};
  }
  first_in_shard_ = clips_.size();
  shard_bytes_ = 0;
}

std::string PackWriter::checksum(const std::string& basis_file) const {
  std::string sums;
  for (const std::string& sum : shard_sums_) sums += sum;
  sums += sha256_hex_of_file(folder_ / basis_file);
  return sha256_hex(std::as_bytes(std::span(sums)));
}

void PackWriter::write_list(const std::string& basis_file) const {
  nlohmann::ordered_json list;
  list["version"] = 1;
  list["basis"] = basis_file;
  list["sha256"] = checksum(basis_file);
  list["clips"] = nlohmann::ordered_json::array();
  list["dropped"] = nlohmann::ordered_json::array();
  for (std::size_t i = 0; i < clips_.size(); ++i) {
    const ClipData& clip = clips_[i];
    if (!clip.dropped.empty()) {
      list["dropped"].push_back({{"id", clip.id}, {"why", clip.dropped}});
      continue;
    }
    list["clips"].push_back(line_of(clip, shard_of_.at(i)));
  }
  const auto path = folder_ / "pack.json";
  const auto part = folder_ / "pack.json.part";
  {
    std::ofstream file(part);
    file << list.dump(1) << "\n";
    if (!file.flush()) throw Error(ErrorCode::kOutput, part.string() + ": cannot be written");
  }
  std::filesystem::rename(part, path);
}

}  // namespace visema::session
