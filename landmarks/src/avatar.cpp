#include "visema/landmarks/avatar.h"

#include <algorithm>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>

#include "visema/core/error.h"
#include "visema/core/sha256.h"
#include "visema/models/tensor_file.h"

namespace visema {
namespace {

using nlohmann::json;

constexpr std::size_t kPoseValues = 13;  // scale, 9 rotation, 3 translation
constexpr const char* kNetworkName = "visema-avatar";

template <typename T>
std::span<const std::byte> bytes_of(const std::vector<T>& values) {
  return std::as_bytes(std::span(values));
}

void append(std::vector<float>& out, const FaceMesh& mesh) {
  for (const Point3& p : mesh) out.insert(out.end(), {p.x, p.y, p.z});
}

void append(std::vector<float>& out, const HeadPose& pose) {
  out.push_back(pose.scale);
  out.insert(out.end(), pose.rotation.begin(), pose.rotation.end());
  out.insert(out.end(), {pose.translation.x, pose.translation.y, pose.translation.z});
}

FaceMesh mesh_at(const std::vector<float>& values, std::size_t index) {
  FaceMesh mesh;
  const float* p = values.data() + index * kMeshPoints * 3;
  for (Point3& point : mesh) {
    point = {p[0], p[1], p[2]};
    p += 3;
  }
  return mesh;
}

HeadPose pose_at(const std::vector<float>& values, std::size_t index) {
  HeadPose pose;
  const float* p = values.data() + index * kPoseValues;
  pose.scale = p[0];
  std::copy(p + 1, p + 10, pose.rotation.begin());
  pose.translation = {p[10], p[11], p[12]};
  return pose;
}

/// One digest over names and contents, in order of name.
std::string checksum(const std::map<std::string, Tensor>& tensors) {
  std::string digests;
  for (const auto& [name, tensor] : tensors) digests += name + sha256_hex(tensor.bytes);
  return sha256_hex(std::as_bytes(std::span(digests)));
}

std::vector<std::byte> read_section(const std::filesystem::path& path, std::uint64_t offset,
                                    std::uint64_t size) {
  std::ifstream file(path, std::ios::binary);
  if (size == 0) {
    std::error_code ignored;
    size = std::filesystem::file_size(path, ignored);
  }
  std::vector<std::byte> bytes(size);
  file.seekg(static_cast<std::streamoff>(offset));
  file.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(size));
  if (!file) throw Error(ErrorCode::kInput, path.string() + ": the source video cannot be read");
  return bytes;
}

[[noreturn]] void refuse(const std::filesystem::path& path, const std::string& why) {
  throw Error(ErrorCode::kInput, path.string() + ": " + why);
}

std::vector<float> floats_of(const TensorFile& file, const std::filesystem::path& path,
                             const std::string& name, std::size_t count) {
  std::vector<float> values = file.floats(name);
  if (values.size() != count)
    refuse(path, "avatar part \"" + name + "\" has " + std::to_string(values.size()) +
                     " values, expected " + std::to_string(count));
  return values;
}

Image image_of(const TensorFile& file, const std::filesystem::path& path, const std::string& name) {
  const Tensor tensor = file.get(name);
  if (tensor.dtype != "U8" || tensor.shape.size() != 3 || tensor.shape[2] != 3 ||
      tensor.shape[0] < 1 || tensor.shape[1] < 1)
    refuse(path, "avatar part \"" + name + "\" is no picture");
  Image image(static_cast<int>(tensor.shape[1]), static_cast<int>(tensor.shape[0]));
  std::memcpy(image.rgb.data(), tensor.bytes.data(), image.rgb.size());
  return image;
}

Tensor picture_tensor(const Image& image) {
  return {"U8", {image.height, image.width, 3}, std::as_bytes(std::span(image.rgb))};
}

/// Avatars of older programs, and faces with nothing before them, have none.
void read_covers(const TensorFile& file, const std::filesystem::path& path, Avatar& avatar) {
  const auto names = file.names();
  if (std::find(names.begin(), names.end(), "covers.frame") == names.end()) return;
  const Tensor frames = file.get("covers.frame"), masks = file.get("covers.mask");
  const std::size_t count = frames.bytes.size() / sizeof(std::int64_t);
  const auto lips = floats_of(file, path, "covers.lips", count);
  if (frames.dtype != "I64" || masks.dtype != "U8" || masks.bytes.size() != count * kCoverTexels)
    refuse(path, "avatar part \"covers\" has no mask for each of its frames");
  FrameIndex last = -1;
  for (std::size_t i = 0; i < count; ++i) {
    FaceCover cover{0, std::vector<std::uint8_t>(kCoverTexels), lips[i]};
    std::memcpy(&cover.frame, &frames.bytes[i * sizeof cover.frame], sizeof cover.frame);
    if (cover.frame <= last) refuse(path, "avatar part \"covers\" is not in order of its frames");
    last = cover.frame;
    std::memcpy(cover.mask.data(), &masks.bytes[i * kCoverTexels], kCoverTexels);
    avatar.covers.push_back(std::move(cover));
  }
}

std::string posture_name(std::size_t style) {
  return "styles.posture." + std::to_string(style);
}

/// Faces that were not heard have none; avatars of older programs have one at most.
void read_styles(const TensorFile& file, const json& about, Avatar& avatar) {
  const auto add = [&](const json& style, const std::string& posture) {
    avatar.styles.push_back({style.at("articulation"), file.floats(posture), style.at("network")});
  };
  if (about.contains("style")) add(about.at("style"), "style.posture");
  if (about.contains("styles"))
    for (const json& style : about.at("styles")) add(style, posture_name(avatar.styles.size()));
}

}  // namespace

std::int64_t Avatar::frames_without_face() const {
  return std::count_if(frames.begin(), frames.end(),
                       [](const LandmarkFrame& frame) { return !frame.face; });
}

const FaceCover* Avatar::cover_at(FrameIndex frame) const {
  const auto found = std::lower_bound(
      covers.begin(), covers.end(), frame,
      [](const FaceCover& cover, FrameIndex wanted) { return cover.frame < wanted; });
  return found != covers.end() && found->frame == frame ? &*found : nullptr;
}

void save_avatar(const Avatar& avatar, const std::filesystem::path& path) {
  const auto frame_count = static_cast<std::int64_t>(avatar.frames.size());
  std::vector<float> times, meshes, poses, scores;
  for (const LandmarkFrame& frame : avatar.frames) {
    const TrackedFace face = frame.face.value_or(TrackedFace{{}, {}, -1});
    times.push_back(static_cast<float>(frame.time_s));
    scores.push_back(face.score);
    append(meshes, face.mesh);
    append(poses, face.pose);
  }
  std::vector<float> rest, speech, reference_meshes, reference_poses, gaps;
  append(rest, avatar.rest);
  for (const FaceMesh& mesh : avatar.speech_references) append(speech, mesh);
  for (const AvatarReference& reference : avatar.references) {
    append(reference_meshes, reference.mesh);
    append(reference_poses, reference.pose);
    gaps.push_back(reference.inner_lip_gap);
  }

  const auto references = static_cast<std::int64_t>(avatar.references.size());
  std::map<std::string, Tensor> tensors = {
      {"frames.time", {"F32", {frame_count}, bytes_of(times)}},
      {"frames.score", {"F32", {frame_count}, bytes_of(scores)}},
      {"frames.mesh", {"F32", {frame_count, kMeshPoints, 3}, bytes_of(meshes)}},
      {"frames.pose", {"F32", {frame_count, kPoseValues}, bytes_of(poses)}},
      {"rest", {"F32", {kMeshPoints, 3}, bytes_of(rest)}},
      {"speech_references",
       {"F32",
        {static_cast<std::int64_t>(avatar.speech_references.size()), kMeshPoints, 3},
        bytes_of(speech)}},
      {"references.mesh", {"F32", {references, kMeshPoints, 3}, bytes_of(reference_meshes)}},
      {"references.pose", {"F32", {references, kPoseValues}, bytes_of(reference_poses)}},
      {"references.gap", {"F32", {references}, bytes_of(gaps)}},
  };
  for (std::int64_t i = 0; i < references; ++i)
    tensors["references.picture." + std::to_string(i)] =
        picture_tensor(avatar.references[static_cast<std::size_t>(i)].picture);
  std::vector<std::int64_t> cover_frames;
  std::vector<float> cover_lips;
  std::vector<std::uint8_t> cover_masks;
  for (const FaceCover& cover : avatar.covers) {
    cover_frames.push_back(cover.frame);
    cover_lips.push_back(cover.lips);
    cover_masks.insert(cover_masks.end(), cover.mask.begin(), cover.mask.end());
  }
  if (const auto covers = static_cast<std::int64_t>(cover_frames.size()); covers > 0) {
    tensors["covers.frame"] = {"I64", {covers}, bytes_of(cover_frames)};
    tensors["covers.lips"] = {"F32", {covers}, bytes_of(cover_lips)};
    tensors["covers.mask"] = {"U8", {covers, kCoverHeight, kCoverWidth}, bytes_of(cover_masks)};
  }
  for (std::size_t i = 0; i < avatar.styles.size(); ++i) {
    const std::vector<float>& posture = avatar.styles[i].posture;
    tensors[posture_name(i)] = {
        "F32", {static_cast<std::int64_t>(posture.size())}, bytes_of(posture)};
  }
  std::vector<std::byte> media;
  if (avatar.is_still) {
    tensors["picture"] = picture_tensor(avatar.picture);
  } else {
    media = read_section(avatar.media_path, avatar.media_offset, avatar.media_size);
    tensors["media"] = {"U8", {static_cast<std::int64_t>(media.size())}, media};
  }

  if (!avatar.generator.empty())
    tensors["generator"] = {
        "U8", {static_cast<std::int64_t>(avatar.generator.size())}, avatar.generator};

  const int version = avatar.generator.empty() ? kAvatarVersion : kAdaptedAvatarVersion;
  json about = {{"version", version},      {"still", avatar.is_still},  {"width", avatar.width},
                {"height", avatar.height}, {"fps_num", avatar.fps.num}, {"fps_den", avatar.fps.den},
                {"references", references}};
  for (const SpeakingStyle& style : avatar.styles)
    about["styles"].push_back({{"articulation", style.articulation}, {"network", style.network}});
  write_tensor_file(path, tensors,
                    {{"network", kNetworkName},
                     {"version", std::to_string(version)},
                     {"avatar", about.dump()},
                     {"sha256", checksum(tensors)}});
}

Avatar load_avatar(const std::filesystem::path& path) try {
  const TensorFile file = TensorFile::open(path);
  const auto& metadata = file.metadata();
  const auto field = [&](const std::string& key) {
    const auto found = metadata.find(key);
    return found == metadata.end() ? std::string() : found->second;
  };
  if (field("network") != kNetworkName) refuse(path, "is not an avatar file");
  const bool adapted = field("version") == std::to_string(kAdaptedAvatarVersion);
  if (!adapted && field("version") != std::to_string(kAvatarVersion))
    refuse(path, "avatar version " + field("version") + ": this program reads versions " +
                     std::to_string(kAvatarVersion) + " and " +
                     std::to_string(kAdaptedAvatarVersion) + "; enroll the source again");
  std::map<std::string, Tensor> tensors;
  for (const std::string& name : file.names()) tensors[name] = file.get(name);
  if (checksum(tensors) != field("sha256"))
    refuse(path, "avatar is damaged: its checksum does not agree");

  const json about = json::parse(field("avatar"));
  Avatar avatar;
  avatar.is_still = about.at("still");
  avatar.width = about.at("width");
  avatar.height = about.at("height");
  avatar.fps = {about.at("fps_num"), about.at("fps_den")};
  if (avatar.width < 1 || avatar.height < 1 || avatar.fps.num < 1 || avatar.fps.den < 1)
    refuse(path, "avatar has an impossible size or frame rate");

  const auto times = file.floats("frames.time");
  const std::size_t count = times.size();
  const auto scores = floats_of(file, path, "frames.score", count);
  const auto meshes = floats_of(file, path, "frames.mesh", count * kMeshPoints * 3);
  const auto poses = floats_of(file, path, "frames.pose", count * kPoseValues);
  for (std::size_t i = 0; i < count; ++i) {
    LandmarkFrame frame{static_cast<FrameIndex>(i), times[i], std::nullopt};
    if (scores[i] >= 0) frame.face = TrackedFace{mesh_at(meshes, i), pose_at(poses, i), scores[i]};
    avatar.frames.push_back(frame);
  }
  avatar.rest = mesh_at(floats_of(file, path, "rest", kMeshPoints * 3), 0);
  const auto speech = file.floats("speech_references");
  for (std::size_t i = 0; i < speech.size() / (kMeshPoints * 3); ++i)
    avatar.speech_references.push_back(mesh_at(speech, i));

  read_covers(file, path, avatar);
  read_styles(file, about, avatar);

  const std::size_t references = about.at("references");
  const auto gaps = floats_of(file, path, "references.gap", references);
  const auto reference_meshes =
      floats_of(file, path, "references.mesh", references * kMeshPoints * 3);
  const auto reference_poses = floats_of(file, path, "references.pose", references * kPoseValues);
  for (std::size_t i = 0; i < references; ++i)
    avatar.references.push_back({image_of(file, path, "references.picture." + std::to_string(i)),
                                 mesh_at(reference_meshes, i), pose_at(reference_poses, i), gaps[i],
                                 -1});
  if (count == 0 || avatar.references.empty()) refuse(path, "avatar without a face");

  if (avatar.is_still) {
    avatar.picture = image_of(file, path, "picture");
  } else {
    avatar.media_path = path;
    avatar.media_offset = file.offset_in_file("media");
    avatar.media_size = file.get("media").bytes.size();
  }
  if (adapted) {
    const Tensor generator = file.get("generator");
    if (generator.dtype != "U8" || generator.bytes.empty())
      refuse(path, "avatar part \"generator\" is no weight file");
    avatar.generator.assign(generator.bytes.begin(), generator.bytes.end());
  }
  return avatar;
} catch (const nlohmann::json::exception&) {
  std::throw_with_nested(Error(ErrorCode::kInput, path.string() + ": avatar header is damaged"));
} catch (const Error& error) {
  if (error.code() == ErrorCode::kInput) throw;
  std::throw_with_nested(Error(ErrorCode::kInput, path.string() + ": is not a readable avatar"));
}

}  // namespace visema
