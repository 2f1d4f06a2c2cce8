#include "pack_reader.h"

#include <fstream>
#include <nlohmann/json.hpp>

#include "visema/core/error.h"

namespace visema::training {
namespace {

constexpr int kPackVersion = 1;

nlohmann::json read_list(const std::filesystem::path& path) {
  std::ifstream file(path);
  if (!file) throw Error(ErrorCode::kInput, path.string() + ": cannot be read");
  try {
    return nlohmann::json::parse(file);
  } catch (const nlohmann::json::exception& error) {
    throw Error(ErrorCode::kInput, path.string() + ": " + error.what());
  }
}

PackClip read_clip(const nlohmann::json& json) {
  PackClip clip;
  json.at("id").get_to(clip.id);
  json.at("source").get_to(clip.source);
  json.at("person").get_to(clip.person);
  clip.training = json.at("split").get<std::string>() == "train";
  clip.own_sound = json.at("sound").get<std::string>() == "own";
  json.at("shard").get_to(clip.shard);
  json.at("frames").get_to(clip.frames);
  clip.crops = json.value("crops", std::int64_t{0});
  clip.fps = json.value("fps", 25.0);
  clip.weight = json.value("weight", 1.0);
  if (clip.frames < 0 || clip.crops < 0 || !(clip.fps > 0) || !(clip.weight >= 0))
    throw Error(ErrorCode::kInput, "clip " + clip.id + ": counts, fps or weight out of range");
  return clip;
}

}  // namespace

PackReader::PackReader(std::filesystem::path folder)
    : folder_(std::move(folder)), basis_(TensorFile::open(folder_ / "basis.safetensors")) {
  const auto path = folder_ / "pack.json";
  const nlohmann::json list = read_list(path);
  try {
    if (const int version = list.at("version").get<int>(); version != kPackVersion)
      throw Error(ErrorCode::kInput, path.string() + ": version " + std::to_string(version) +
                                         ": this program reads version " +
                                         std::to_string(kPackVersion));
    sha256_ = list.at("sha256").get<std::string>();
    for (const nlohmann::json& clip : list.at("clips")) clips_.push_back(read_clip(clip));
  } catch (const nlohmann::json::exception& error) {
    throw Error(ErrorCode::kInput, path.string() + ": " + error.what());
  }
}

TensorFile& PackReader::shard(const PackClip& clip) {
  const auto found = shards_.find(clip.shard);
  if (found != shards_.end()) return found->second;
  const std::filesystem::path name = clip.shard;
  if (name.has_parent_path())
    throw Error(ErrorCode::kInput, (folder_ / "pack.json").string() + ": shard " + clip.shard +
                                       " of clip " + clip.id +
                                       ": must be a file name without folders");
  return shards_.emplace(clip.shard, TensorFile::open(folder_ / name)).first->second;
}

std::string PackReader::tensor_name(const PackClip& clip, const std::string& part) {
  return clip.id + "/" + part;
}

}  // namespace visema::training
