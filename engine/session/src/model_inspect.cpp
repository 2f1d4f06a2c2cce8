#include <algorithm>
#include <nlohmann/json.hpp>

#include "visema/models/tensor_file.h"
#include "visema/models/torch_checkpoint.h"
#include "visema/session/model.h"

namespace visema::session {
namespace {

using Json = nlohmann::ordered_json;

Json entry(const std::string& name, const std::string& dtype,
           const std::vector<std::int64_t>& shape) {
  auto bytes = static_cast<std::uint64_t>(dtype_size(dtype));
  for (const auto side : shape) bytes *= static_cast<std::uint64_t>(side);
  return {{"name", name}, {"dtype", dtype}, {"shape", shape}, {"bytes", bytes}};
}

/// What the generator inside an avatar says of itself; null: it has none, and uses the weights'.
Json own_generator_of(const TensorFile& avatar) {
  if (!avatar.contains("generator")) return nullptr;
  const auto bytes = avatar.get("generator").bytes;
  return TensorFile::from_bytes({bytes.begin(), bytes.end()}, avatar.source()).metadata();
}

Json describe(const std::filesystem::path& path) {
  Json all = {{"file", path.string()}, {"tensors", Json::array()}};
  if (path.extension() == ".safetensors" || path.extension() == ".avatar") {
    const TensorFile file = TensorFile::open(path);
    for (const std::string& name : file.names()) {
      const Tensor tensor = file.get(name);
      all["tensors"].push_back(entry(name, tensor.dtype, tensor.shape));
    }
    all["metadata"] = file.metadata();
    if (path.extension() == ".avatar") all["generator"] = own_generator_of(file);
    return all;
  }
  const TorchCheckpoint file = TorchCheckpoint::open(path);
  for (const std::string& name : file.names())
    all["tensors"].push_back(entry(name, file.dtype(name), file.shape(name)));
  return all;
}

/// Names come from files that nobody vouches for: nothing of them may drive a terminal.
std::string printable(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](unsigned char c) { return c < 32 || c == 127; }, '?');
  return text;
}

std::string lines(const Json& all) {
  std::string text;
  std::uint64_t bytes = 0;
  for (const Json& tensor : all["tensors"]) {
    text += printable(tensor["name"].get<std::string>()) + "  " +
            tensor["dtype"].get<std::string>() + "  " + tensor["shape"].dump() + "  " +
            tensor["bytes"].dump() + " bytes\n";
    bytes += tensor["bytes"].get<std::uint64_t>();
  }
  if (all.contains("metadata"))
    for (const auto& [key, value] : all["metadata"].items())
      text += printable(key + ": " + value.get<std::string>()) + '\n';
  if (all.contains("generator")) {
    const Json& own = all["generator"];
    text +=
        own.is_null() ? "generator: that of the weights\n" : "generator: adapted to this face\n";
    for (const auto& [key, value] : own.items())
      text += printable("generator " + key + ": " + value.get<std::string>()) + '\n';
  }
  return text + std::to_string(all["tensors"].size()) + " tensors, " + std::to_string(bytes) +
         " bytes";
}

}  // namespace

std::string inspect_model(const std::filesystem::path& file, bool json) {
  const Json all = describe(file);
  return json ? all.dump(2, ' ', false, Json::error_handler_t::replace) : lines(all);
}

}  // namespace visema::session
