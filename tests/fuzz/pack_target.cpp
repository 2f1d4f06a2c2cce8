#include <array>

#include "pack_reader.h"
#include "scratch_file.h"
#include "targets.h"
#include "visema/core/error.h"

namespace visema::fuzz {
namespace {

/// A folder with an empty shard and a basis; only pack.json is the fuzzer's.
const ScratchFolder& pack_folder() {
  static const ScratchFolder folder;
  static const bool written = [] {
    const std::array<float, 3> values = {1, 0, 0};
    const std::map<std::string, Tensor> basis = {{"lower", view_of(values, {1, 1, 3})}};
    write_tensor_file(folder.path() / "basis.safetensors", basis);
    write_tensor_file(folder.path() / "clips-000.safetensors", {});
    return true;
  }();
  require(written, "the pack is written once");
  return folder;
}

}  // namespace

void pack(std::span<const std::byte> bytes) try {
  const auto& folder = pack_folder().path();
  write_bytes(folder / "pack.json", bytes);
  training::PackReader reader(folder);
  for (const auto& clip : reader.clips()) {
    require(clip.frames >= 0 && clip.crops >= 0, "counts are not negative");
    try {
      require(!reader.shard(clip).contains(training::PackReader::tensor_name(clip, "mesh")),
              "an empty shard has no clip");
    } catch (const Error&) {
    }
  }
} catch (const Error&) {
}

}  // namespace visema::fuzz
