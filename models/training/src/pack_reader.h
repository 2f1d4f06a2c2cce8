#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "visema/models/tensor_file.h"

namespace visema::training {

/// One line of pack.json.
struct PackClip {
  std::string id;
  std::string source;
  std::string person;
  bool training = false;  // split "train", else "val"
  bool own_sound = false;
  std::string shard;
  std::int64_t frames = 0;
  std::int64_t crops = 0;
  double fps = 25;
  double weight = 1;
};

/// A training pack (docs/training-pack.md). Shards are mapped on first use and stay mapped.
/// Throws Error(kInput) or Error(kModel) that names the file.
class PackReader {
 public:
  explicit PackReader(std::filesystem::path folder);

  const std::vector<PackClip>& clips() const { return clips_; }
  /// "mel", "mesh", ... of a clip.
  TensorFile& shard(const PackClip& clip);
  static std::string tensor_name(const PackClip& clip, const std::string& part);
  /// "lower", "lower_std", "upper", "upper_std" and what else articulation needs.
  const TensorFile& basis() const { return basis_; }
  const std::string& sha256() const { return sha256_; }

 private:
  std::filesystem::path folder_;
  std::vector<PackClip> clips_;
  std::string sha256_;
  TensorFile basis_;
  std::map<std::string, TensorFile> shards_;
};

}  // namespace visema::training
