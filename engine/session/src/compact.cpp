#include "visema/session/compact.h"

#include <algorithm>
#include <fstream>
#include <future>
#include <map>
#include <set>
#include <string>
#include <thread>
#include <utility>

#include "compact_files.h"
#include "compact_group.h"
#include "compact_parts.h"
#include "visema/core/error.h"
#include "visema/core/sha256.h"
#include "visema/landmarks/face_shapes.h"
#include "visema/models/tensor_file.h"

namespace visema::session {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::int64_t kGroupCrops = 400;  // about a megabyte
constexpr std::int64_t kShapes = 192;
constexpr std::size_t kShapeFaces = 20'000;  // that the shapes are fitted to
constexpr const char* kListName = "compact.json";
constexpr const char* kShapesName = "shapes.safetensors";
constexpr const char* kBasisName = "basis.safetensors";
constexpr const char* kCardName = "DATA_CARD.md";

Json read_pack_list(const std::filesystem::path& path) {
  std::ifstream file(path);
  if (!file) throw Error(ErrorCode::kInput, path.string() + ": cannot be read");
  Json list = Json::parse(file, nullptr, false);
  const auto reject = [&](const std::string& why) {
    throw Error(ErrorCode::kInput,
                path.string() + ": is not the list of a training pack, version 1: " + why);
  };
  if (!list.is_object()) reject("no JSON object");
  if (list.value("version", Json()) != Json(1)) reject("version must be 1");
  if (!list.value("sha256", Json()).is_string()) reject("sha256 must be a text");
  if (!list.value("clips", Json()).is_array()) reject("clips must be a list");
  return list;
}

/// The shards of a pack, opened when they are first asked for.
class Shards {
 public:
  explicit Shards(const std::filesystem::path& folder) : folder_(folder) {}

  const TensorFile& get(const std::string& name, const std::string& id) {
    const auto found = files_.find(name);
    if (found != files_.end()) return found->second;
    if (std::filesystem::path(name).has_parent_path())
      throw Error(ErrorCode::kInput, (folder_ / "pack.json").string() + ": shard " + name +
                                         " of clip " + id +
                                         ": must be a file name without folders");
    const auto path = folder_ / name;
    const auto opened = files_.emplace(name, TensorFile::open(path)).first;
    std::error_code error;
    const std::uintmax_t size = std::filesystem::file_size(path, error);
    if (error)
      throw Error(ErrorCode::kInput, path.string() + ": cannot be read: " + error.message());
    bytes_ += static_cast<std::int64_t>(size);
    return opened->second;
  }
  /// Of those that were asked for.
  std::int64_t bytes() const { return bytes_; }

 private:
  const std::filesystem::path& folder_;
  std::map<std::string, TensorFile> files_;
  std::int64_t bytes_ = 0;
};

/// Those that talk first, each kind in an order that mixes sources and persons and does not change
/// when clips are added.
std::vector<PackedClip> mixed_clips(const std::filesystem::path& folder, const Json& list,
                                    std::int64_t& shard_bytes) try {
  Shards shards(folder);
  std::map<std::pair<bool, std::string>, PackedClip> order;
  std::set<std::string> ids;
  for (const Json& line : list.at("clips")) {
    const auto id = line.at("id").get<std::string>();
    PackedClip clip(line, shards.get(line.at("shard").get<std::string>(), id));
    std::pair key{!clip.talks(), sha256_hex(std::as_bytes(std::span(id)))};
    // By id alone: the same clip might talk in one shard and be silent in another.
    if (!ids.insert(id).second)
      throw Error(ErrorCode::kInput,
                  (folder / "pack.json").string() + ": clip " + id + " is listed twice");
    order.emplace(std::move(key), std::move(clip));
  }
  shard_bytes = shards.bytes();
  std::vector<PackedClip> clips;
  clips.reserve(order.size());
  for (auto& [key, clip] : order) clips.push_back(std::move(clip));
  return clips;
} catch (const Json::exception& error) {
  throw Error(ErrorCode::kInput, (folder / "pack.json").string() + ": " + error.what());
}

/// Where each group begins, and the end.
std::vector<std::size_t> group_bounds(const std::vector<PackedClip>& clips,
                                      std::size_t most_clips) {
  std::vector<std::size_t> bounds = {0};
  std::int64_t crops = 0;
  for (std::size_t i = 0; i < clips.size(); ++i) {
    if (i > bounds.back() &&
        (i - bounds.back() == most_clips || crops + clips[i].crops() > kGroupCrops)) {
      bounds.push_back(i);
      crops = 0;
    }
    crops += clips[i].crops();
  }
  bounds.push_back(clips.size());
  return bounds;
}

/// From faces spread evenly over all that were tracked, every clip's rest face too.
FaceShapes fit_shapes(const std::vector<PackedClip>& clips) {
  std::size_t frames = 0;
  for (const PackedClip& clip : clips) frames += static_cast<std::size_t>(clip.frames());
  const std::size_t stride = frames / kShapeFaces + 1;
  std::vector<FaceMesh> faces;
  std::size_t number = 0;
  for (const PackedClip& clip : clips) {
    const auto meshes = clip.meshes();
    const auto valid = clip.bytes("valid", "U8", {clip.frames()});
    faces.push_back(clip.rest());
    for (std::size_t i = 0; i < meshes.size(); ++i)
      if (valid[i] != std::byte{0} && number++ % stride == 0) faces.push_back(meshes[i]);
  }
  return fit_face_shapes(faces, kShapes);
}

void write_shapes(const FaceShapes& shapes, const std::filesystem::path& path) {
  std::vector<float> mean;
  for (const Point3& p : shapes.mean) mean.insert(mean.end(), {p.x, p.y, p.z});
  write_tensor_file(
      path,
      {{"mean", view_of(std::span<const float>(mean), {kMeshPoints, 3})},
       {"rows", view_of(std::span<const float>(shapes.rows), {shapes.size(), kMeshPoints, 3})}},
      {{"visema", "face shapes of a compact training pack, version 1"}});
}

void replace_by_copy(const std::filesystem::path& from, const std::filesystem::path& to) {
  std::error_code error;
  std::filesystem::copy_file(from, to, std::filesystem::copy_options::overwrite_existing, error);
  if (error)
    throw Error(ErrorCode::kOutput,
                to.string() + ": cannot be copied from " + from.string() + ": " + error.message());
}

/// A folder for videos at work, removed with the object.
class ScratchFolder {
 public:
  explicit ScratchFolder(std::filesystem::path path) : path_(std::move(path)) {
    std::error_code error;
    std::filesystem::create_directories(path_, error);
    check_output(error, path_, "made");
  }
  ~ScratchFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  std::filesystem::path file(std::size_t number) const { return path_ / std::to_string(number); }

 private:
  std::filesystem::path path_;
};

Json file_line(const std::filesystem::path& folder, const std::string& name) {
  return {{"name", name},
          {"bytes", size_of(folder / name)},
          {"sha256", sha256_hex_of_file(folder / name)}};
}

Json errors_json(const CompactErrors& errors) {
  return {{"mesh_rms", errors.mesh_rms},
          {"mesh_most", errors.mesh_most},
          {"lips_rms", errors.lips_rms},
          {"points_rms_px", errors.points_rms_px},
          {"points_most_px", errors.points_most_px},
          {"mel_most", errors.mel_most}};
}

void write_list(const std::filesystem::path& folder, const Json& list) {
  const auto path = folder / kListName;
  const auto part = std::filesystem::path(path.string() + ".part");
  if (!(std::ofstream(part) << list.dump(1) << '\n' << std::flush))
    throw Error(ErrorCode::kOutput, part.string() + ": cannot be written");
  rename_file(part, path);
}

/// In one folder the pack's own basis and card would be copied onto themselves.
void check_folders(const CompactOptions& options) {
  std::error_code ignored;  // a folder that is missing is not the same
  if (std::filesystem::equivalent(options.pack, options.out, ignored))
    throw Error(ErrorCode::kUsage,
                options.out.string() + ": must be another folder than that of the pack");
}

/// Codes all groups, `workers` at a time, and hands them on in order.
void encode_groups(const std::vector<PackedClip>& clips, const FaceShapes& shapes,
                   const CompactOptions& options, const ProgressSink& progress,
                   const std::stop_token& stop, PartWriter& parts, ErrorSums& sums) {
  const ScratchFolder scratch(options.out / ".videos");
  const std::vector<std::size_t> bounds =
      group_bounds(clips, static_cast<std::size_t>(options.group_clips));
  const std::size_t groups = bounds.size() - 1;
  const auto workers = static_cast<std::size_t>(
      options.workers > 0 ? options.workers
                          : std::max(1, static_cast<int>(std::thread::hardware_concurrency())));
  for (std::size_t first = 0; first < groups; first += workers) {
    std::vector<std::future<CompactGroup>> running;
    for (std::size_t i = first; i < std::min(first + workers, groups); ++i)
      running.push_back(std::async(std::launch::async, [&, i] {
        return encode_group(std::span(clips).subspan(bounds[i], bounds[i + 1] - bounds[i]), shapes,
                            options, scratch.file(i));
      }));
    for (std::size_t i = 0; i < running.size(); ++i) {
      CompactGroup group = running[i].get();
      sums.add(group.sums);
      parts.add(std::move(group));
      const bool go_on =
          !progress || progress("pack", static_cast<std::int64_t>(bounds[first + i + 1]),
                                static_cast<std::int64_t>(clips.size()));
      if (!go_on || stop.stop_requested())
        throw Error(ErrorCode::kInterrupted, "interrupted; the compact pack is not complete");
    }
  }
}

}  // namespace

CompactReport compact(const CompactOptions& options, const ProgressSink& progress,
                      std::stop_token stop) {
  check_folders(options);
  const Json pack = read_pack_list(options.pack / "pack.json");
  CompactReport report;
  const std::vector<PackedClip> clips = mixed_clips(options.pack, pack, report.pack_bytes);
  if (clips.empty())
    throw Error(ErrorCode::kInput, (options.pack / "pack.json").string() + ": has no clip");
  // Looks at all that may be wrong with the pack before anything old goes.
  TensorFile::open(options.pack / kBasisName);
  const FaceShapes shapes = fit_shapes(clips);

  std::error_code error;
  std::filesystem::create_directories(options.out, error);
  check_output(error, options.out, "made");
  remove_file(options.out / kListName);  // what is there is no compact pack any more

  PartWriter parts(options.out, static_cast<std::size_t>(options.part_bytes));
  ErrorSums sums;
  encode_groups(clips, shapes, options, progress, stop, parts, sums);
  parts.finish();
  write_shapes(shapes, options.out / kShapesName);
  replace_by_copy(options.pack / kBasisName, options.out / kBasisName);
  Json files = {file_line(options.out, kShapesName), file_line(options.out, kBasisName)};
  if (std::filesystem::exists(options.pack / kCardName, error)) {
    replace_by_copy(options.pack / kCardName, options.out / kCardName);
    files.push_back(file_line(options.out, kCardName));
  }

  report.clips = static_cast<std::int64_t>(clips.size());
  report.parts = static_cast<std::int64_t>(parts.parts().size());
  report.errors = sums.errors();
  Json list = {{"compact_version", 1},
               {"pack_sha256", pack.at("sha256")},
               {"shape_step", kShapeStep},
               {"mel_levels", kMelLevels},
               {"crop_crf", options.crop_crf},
               {"mouth_crf", options.mouth_crf},
               {"errors", errors_json(report.errors)},
               {"files", files},
               {"parts", Json::array()},
               {"dropped", pack.value("dropped", Json::array())}};
  for (const auto& part : parts.parts()) {
    list["parts"].push_back({{"name", part.name},
                             {"bytes", part.bytes},
                             {"sha256", part.sha256},
                             {"clips", part.clips}});
    report.bytes += static_cast<std::int64_t>(part.bytes);
  }
  for (const Json& file : files) report.bytes += file.at("bytes").get<std::int64_t>();
  write_list(options.out, list);
  return report;
}

}  // namespace visema::session
