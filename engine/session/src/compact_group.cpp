#include "compact_group.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <utility>

#include "compact_code.h"
#include "compact_pictures.h"
#include "visema/audio/mel.h"
#include "visema/core/error.h"
#include "visema/core/face_points.h"
#include "visema/models/speech_encoder.h"
#include "visema/renderer/face_crop.h"

namespace visema::session {
namespace {

constexpr std::size_t kNumbers = std::size_t{kMeshPoints} * 3;

FaceMesh face_of(const float* numbers) {
  FaceMesh face;
  for (Point3& p : face) {
    p = {numbers[0], numbers[1], numbers[2]};
    numbers += 3;
  }
  return face;
}

std::vector<std::byte> to_bytes(std::span<const float> values) {
  const auto bytes = std::as_bytes(values);
  return {bytes.begin(), bytes.end()};
}

/// Throws Error(kInput) when a coordinate is no number or beyond what a pack's F16 can hold: the
/// components of such faces would be none.
void check_face(const FaceMesh& face, const std::string& name) {
  constexpr float kMost = 65504;
  for (const Point3& p : face)
    for (const float value : {p.x, p.y, p.z})
      if (!(std::abs(value) <= kMost))
        throw Error(ErrorCode::kInput, name + ": coordinate " + std::to_string(value) +
                                           ": must be a number in -65504..65504");
}

/// What goes beyond 16 bits is cut: one odd face must not end a whole pack, and mesh_most tells.
std::int16_t step_of(float coefficient) {
  constexpr double kMost = std::numeric_limits<std::int16_t>::max();
  return static_cast<std::int16_t>(std::clamp(std::round(coefficient / kShapeStep), -kMost, kMost));
}

/// Coefficients in steps; where `valid` says no, those of the frame before.
void append_steps(std::vector<std::int16_t>& steps, std::span<const float> coefficients,
                  std::span<const std::byte> valid) {
  const std::size_t size = coefficients.size() / valid.size();
  for (std::size_t frame = 0; frame < valid.size(); ++frame) {
    for (std::size_t k = 0; k < size; ++k) {
      const bool there = valid[frame] != std::byte{0};
      steps.push_back(there ? step_of(coefficients[frame * size + k]) : steps[steps.size() - size]);
    }
  }
}

std::vector<FaceMesh> faces_of(const FaceShapes& shapes, std::span<const std::int16_t> steps) {
  std::vector<float> coefficients;
  coefficients.reserve(steps.size());
  for (const std::int16_t step : steps)
    coefficients.push_back(static_cast<float>(step * kShapeStep));
  return shaped_faces(shapes, coefficients);
}

void measure_mesh(const FaceMesh& was, const FaceMesh& is, ErrorSums& sums) {
  const auto square = [&](std::size_t point) {
    const double x = was[point].x - is[point].x;
    const double y = was[point].y - is[point].y;
    const double z = was[point].z - is[point].z;
    sums.mesh_most = std::max({sums.mesh_most, std::abs(x), std::abs(y), std::abs(z)});
    return x * x + y * y + z * z;
  };
  for (std::size_t i = 0; i < was.size(); ++i) sums.mesh += square(i);
  for (const std::uint16_t point : kLips) sums.lips += square(point);
  sums.mesh_count += static_cast<double>(was.size()) * 3;
  sums.lips_count += static_cast<double>(kLips.size()) * 3;
}

Point2 mapped(const PlaneMap& map, const Point3& p) {
  return {map[0] * p.x + map[1] * p.y + map[2] * p.z + map[3],
          map[4] * p.x + map[5] * p.y + map[6] * p.z + map[7]};
}

/// A log-mel value's step; what is no number is silence.
double mel_level(float value) {
  if (std::isnan(value)) return 0;
  return std::clamp(std::round((value - kMelSilence) * kMelLevels / 8), 0.0, kMelLevels);
}

/// The speech encoder's features of a group: 8 bits between the least and the most that each has
/// there.
class EncodedCoder {
 public:
  void add(const std::vector<float>& rows) { rows_.insert(rows_.end(), rows.begin(), rows.end()); }
  bool empty() const { return rows_.empty(); }

  void finish(std::map<std::string, std::vector<std::byte>>& blobs) const {
    std::vector<float> low(kEncodedWidth, std::numeric_limits<float>::max());
    std::vector<float> high(kEncodedWidth, std::numeric_limits<float>::lowest());
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      const std::size_t column = i % kEncodedWidth;
      low[column] = std::min(low[column], rows_[i]);
      high[column] = std::max(high[column], rows_[i]);
    }
    std::vector<std::uint8_t> steps;
    steps.reserve(rows_.size());
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      const std::size_t column = i % kEncodedWidth;
      const float range = std::max(high[column] - low[column], 1e-9F);
      steps.push_back(
          static_cast<std::uint8_t>(std::lround((rows_[i] - low[column]) / range * 255)));
    }
    blobs["encoded"] = coded_rows(std::span<const std::uint8_t>(steps), kEncodedWidth);
    low.insert(low.end(), high.begin(), high.end());
    blobs["encoded_range"] = to_bytes(low);
  }

 private:
  std::vector<float> rows_;
};

/// Codes the clips of a group one after the other.
class GroupCoder {
 public:
  GroupCoder(const FaceShapes& shapes, CompactGroup& group) : shapes_(shapes), group_(group) {}

  void add(const PackedClip& clip) {
    line_ = clip.line();
    add_frames(clip);
    if (clip.talks()) add_sound(clip);
    if (clip.crops() > 0) add_crops(clip);
    group_.clips.push_back(line_);
  }

  void finish(const CompactOptions& options, const std::filesystem::path& scratch) {
    auto& blobs = group_.blobs;
    blobs["time"] = deflated(std::as_bytes(std::span(time_)));
    blobs["valid"] = deflated(valid_);
    blobs["mesh"] =
        coded_rows(std::span<const std::int16_t>(steps_), static_cast<std::size_t>(shapes_.size()));
    if (!active_.empty()) {
      blobs["mel"] = coded_rows(std::span<const std::uint8_t>(mel_), kMelBands);
      blobs["active"] = deflated(active_);
      if (!encoded_.empty()) encoded_.finish(blobs);
      blobs["mouth"] = encode_grey(mouths_, kMouthSize, kMouthSize, options.mouth_crf,
                                   scratch.string() + "-mouth.mp4");
    }
    if (!crop_frame_.empty()) {
      blobs["crop_frame"] = deflated(crop_frame_);
      blobs["crop_map"] = to_bytes(maps_);
      blobs["crop"] = encode_grey(crops_, kCropSize, kCropSize * 3 / 2, options.crop_crf,
                                  scratch.string() + "-crop.mp4");
    }
  }

 private:
  void add_frames(const PackedClip& clip) {
    const std::vector<FaceMesh> meshes = clip.meshes();
    const FaceMesh rest = clip.rest();
    const auto valid = clip.bytes("valid", "U8", {clip.frames()});
    const std::vector<float> time = clip.floats("time", {clip.frames()});
    time_.insert(time_.end(), time.begin(), time.end());
    valid_.insert(valid_.end(), valid.begin(), valid.end());
    const std::size_t first = steps_.size();
    const std::byte yes{1};
    append_steps(steps_, shape_coefficients(shapes_, {&rest, 1}), {&yes, 1});
    append_steps(steps_, shape_coefficients(shapes_, meshes), valid);
    const auto all = faces_of(shapes_, std::span(steps_).subspan(first));
    measure_mesh(rest, all[0], group_.sums);
    faces_.assign(all.begin() + 1, all.end());
    for (std::size_t i = 0; i < meshes.size(); ++i)
      if (valid[i] != std::byte{0}) measure_mesh(meshes[i], faces_[i], group_.sums);
  }

  void add_sound(const PackedClip& clip) {
    const std::int64_t count = clip.mel_frames();
    line_["mel_frames"] = count;
    for (const float value : clip.floats("mel", {count, kMelBands})) {
      const double level = mel_level(value);
      mel_.push_back(static_cast<std::uint8_t>(level));
      if (!std::isfinite(value)) continue;  // has no error that could be told
      group_.sums.mel_most = std::max(
          group_.sums.mel_most, std::abs(level * 8 / kMelLevels + kMelSilence - double{value}));
    }
    if (const std::int64_t rows = clip.encoded_rows(); rows > 0) {
      line_["encoded_rows"] = rows;
      encoded_.add(finite(clip.floats("encoded", {rows, kEncodedWidth}), clip.id()));
    }
    const auto active = clip.bytes("active", "U8", {count});
    active_.insert(active_.end(), active.begin(), active.end());
    const auto mouths = clip.bytes("mouth", "U8", {clip.frames(), kMouthSize, kMouthSize});
    append_pixels(mouths_, mouths);
  }

  void add_crops(const PackedClip& clip) {
    const std::int64_t count = clip.crops();
    const auto frame_bytes = clip.bytes("crop_frame", "I32", {count});
    crop_frame_.insert(crop_frame_.end(), frame_bytes.begin(), frame_bytes.end());
    const auto pixels = clip.bytes("crop", "U8", {count, kCropSize, kCropSize, 3});
    const std::vector<float> points = clip.floats("crop_points", {count, kMeshPoints, 2});
    const std::size_t size = pixels.size() / static_cast<std::size_t>(count);
    for (std::size_t n = 0; n < static_cast<std::size_t>(count); ++n) {
      const std::span rgb(reinterpret_cast<const std::uint8_t*>(&pixels[n * size]), size);
      const auto planes = colour_planes(rgb, kCropSize, kCropSize);
      crops_.insert(crops_.end(), planes.begin(), planes.end());
      std::int32_t frame = 0;
      std::memcpy(&frame, &frame_bytes[n * sizeof frame], sizeof frame);
      if (frame < 0 || frame >= clip.frames())
        throw Error(ErrorCode::kInput, "clip " + clip.id() + ": crop_frame " +
                                           std::to_string(frame) + ": must be in 0.." +
                                           std::to_string(clip.frames() - 1));
      add_points(faces_[static_cast<std::size_t>(frame)], &points[n * kMeshPoints * 2]);
    }
  }

  /// The crop's points are the frame's face, turned and moved.
  void add_points(const FaceMesh& face, const float* numbers) {
    std::vector<Point2> points(kMeshPoints);
    for (Point2& point : points) {
      point = {numbers[0], numbers[1]};
      numbers += 2;
    }
    const PlaneMap map = fit_plane_map(face, points);
    maps_.insert(maps_.end(), map.begin(), map.end());
    for (std::size_t i = 0; i < points.size(); ++i) {
      const Point2 is = mapped(map, face[i]);
      const double x = is.x - points[i].x, y = is.y - points[i].y;
      group_.sums.points += x * x + y * y;
      group_.sums.points_most = std::max({group_.sums.points_most, std::abs(x), std::abs(y)});
    }
    group_.sums.points_count += static_cast<double>(points.size()) * 2;
  }

  static std::vector<float> finite(std::vector<float> rows, const std::string& id) {
    for (const float value : rows)
      if (!std::isfinite(value))
        throw Error(ErrorCode::kInput, "clip " + id + ": encoded has a value that is no number");
    return rows;
  }

  static void append_pixels(std::vector<std::uint8_t>& to, std::span<const std::byte> from) {
    const auto* first = reinterpret_cast<const std::uint8_t*>(from.data());
    to.insert(to.end(), first, first + from.size());
  }

  const FaceShapes& shapes_;
  CompactGroup& group_;
  nlohmann::ordered_json line_;  // of the clip at work
  std::vector<FaceMesh> faces_;  // of the clip at work, as they will be read
  std::vector<float> time_, maps_;
  std::vector<std::byte> valid_, active_, crop_frame_;
  std::vector<std::int16_t> steps_;  // (1 + T) * K a clip: the rest face, then the frames
  std::vector<std::uint8_t> mel_, mouths_, crops_;
  EncodedCoder encoded_;
};

}  // namespace

PackedClip::PackedClip(nlohmann::ordered_json line, TensorFile shard)
    : line_(std::move(line)),
      shard_(std::move(shard)),
      id_(line_.at("id").get<std::string>()),
      frames_(line_.at("frames").get<std::int64_t>()),
      crops_(line_.value("crops", std::int64_t{0})) {
  if (frames_ < 1 || crops_ < 0)
    throw Error(ErrorCode::kInput, "clip " + id_ + ": " + std::to_string(frames_) + " frames and " +
                                       std::to_string(crops_) +
                                       " crops in pack.json: must be at least 1 and 0");
}

std::vector<float> PackedClip::floats(const std::string& part,
                                      const std::vector<std::int64_t>& shape) const {
  return shard_.floats(id_ + "/" + part, shape);
}

std::span<const std::byte> PackedClip::bytes(const std::string& part, const std::string& dtype,
                                             const std::vector<std::int64_t>& shape) const {
  const Tensor tensor = shard_.get(id_ + "/" + part);
  if (tensor.dtype != dtype || tensor.shape != shape)
    throw Error(ErrorCode::kModel, shard_.source() + ": tensor " + id_ + "/" + part +
                                       ": is not the " + dtype + " that pack.json promises");
  return tensor.bytes;
}

std::vector<FaceMesh> PackedClip::meshes() const {
  const std::vector<float> numbers = floats("mesh", {frames_, kMeshPoints, 3});
  std::vector<FaceMesh> faces(static_cast<std::size_t>(frames_));
  const auto valid = bytes("valid", "U8", {frames_});
  for (std::size_t i = 0; i < faces.size(); ++i) {
    faces[i] = face_of(&numbers[i * kNumbers]);
    if (valid[i] != std::byte{0})
      check_face(faces[i], "clip " + id_ + ": frame " + std::to_string(i));
  }
  return faces;
}

FaceMesh PackedClip::rest() const {
  const std::vector<float> numbers = floats("rest", {kMeshPoints, 3});
  const FaceMesh face = face_of(numbers.data());
  check_face(face, "clip " + id_ + ": rest face");
  return face;
}

std::int64_t PackedClip::mel_frames() const {
  const auto shape = shard_.get(id_ + "/mel").shape;
  if (shape.size() != 2 || shape[0] < 1 || shape[1] != kMelBands)
    throw Error(ErrorCode::kModel, shard_.source() + ": tensor " + id_ +
                                       "/mel: must be frames of " + std::to_string(kMelBands) +
                                       " bands");
  return shape[0];
}

std::int64_t PackedClip::encoded_rows() const {
  if (!contains("encoded")) return 0;
  const auto shape = shard_.get(id_ + "/encoded").shape;
  if (shape.size() != 2 || shape[0] < 1 || shape[1] != kEncodedWidth)
    throw Error(ErrorCode::kModel, shard_.source() + ": tensor " + id_ +
                                       "/encoded: must be rows of " +
                                       std::to_string(kEncodedWidth) + " features");
  return shape[0];
}

void ErrorSums::add(const ErrorSums& other) {
  mesh += other.mesh;
  lips += other.lips;
  points += other.points;
  mesh_count += other.mesh_count;
  lips_count += other.lips_count;
  points_count += other.points_count;
  mesh_most = std::max(mesh_most, other.mesh_most);
  points_most = std::max(points_most, other.points_most);
  mel_most = std::max(mel_most, other.mel_most);
}

CompactErrors ErrorSums::errors() const {
  const auto rms = [](double sum, double count) { return count > 0 ? std::sqrt(sum / count) : 0; };
  return {rms(mesh, mesh_count),     mesh_most,   rms(lips, lips_count),
          rms(points, points_count), points_most, mel_most};
}

std::size_t CompactGroup::bytes() const {
  std::size_t sum = 0;
  for (const auto& [name, blob] : blobs) sum += blob.size();
  return sum;
}

CompactGroup encode_group(std::span<const PackedClip> clips, const FaceShapes& shapes,
                          const CompactOptions& options, const std::filesystem::path& scratch) {
  CompactGroup group;
  GroupCoder coder(shapes, group);
  for (const PackedClip& clip : clips) coder.add(clip);
  coder.finish(options, scratch);
  return group;
}

}  // namespace visema::session
