#include "visema/models/ip_lap_import.h"

#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "ip_lap_layers.h"
#include "visema/core/error.h"
#include "visema/models/ip_lap_landmark_network.h"
#include "visema/models/ip_lap_renderer_network.h"
#include "visema/models/tensor_file.h"
#include "visema/models/torch_checkpoint.h"
#include "visema/models/weight_card.h"

namespace visema {
namespace {

struct Part {
  const char* network;
  const char* version;
  const char* published;  // name of the file
  const std::vector<IpLapTensor>& tensors;
};

std::string text_of(const std::vector<std::int64_t>& shape) {
  std::string text;
  for (const auto side : shape) text += (text.empty() ? "" : ",") + std::to_string(side);
  return '[' + text + ']';
}

/// Counters of the training and the network of a loss are left behind.
bool passed_over(const std::string& name) {
  return name.ends_with(".num_batches_tracked") || name.starts_with("perceptual.");
}

std::string list(const std::string& title, const std::vector<std::string>& items) {
  if (items.empty()) return "";
  std::string text = '\n' + title + " (" + std::to_string(items.size()) + "):";
  for (const std::string& item : items) text += ' ' + item;
  return text;
}

void check(const TorchCheckpoint& checkpoint, const Part& part) {
  std::set<std::string> known;
  std::vector<std::string> missing, extra, wrong;
  std::size_t found = 0;
  for (const IpLapTensor& tensor : part.tensors) {
    known.insert(tensor.name);
    if (!checkpoint.contains(tensor.name)) {
      missing.push_back(tensor.name);
      continue;
    }
    ++found;
    const auto& shape = checkpoint.shape(tensor.name);
    if (shape != tensor.shape)
      wrong.push_back(tensor.name + ' ' + text_of(shape) + ", must be " + text_of(tensor.shape) +
                      ';');
  }
  if (found == 0)
    throw Error(ErrorCode::kModel, checkpoint.source() + ": holds another network, none of the " +
                                       std::to_string(part.tensors.size()) + " tensors of " +
                                       part.network + ": must be " + part.published);
  for (const std::string& name : checkpoint.names())
    if (!known.contains(name) && !passed_over(name)) extra.push_back(name);
  if (missing.empty() && extra.empty() && wrong.empty()) return;
  throw Error(ErrorCode::kModel, checkpoint.source() + ": its tensors are not those of " +
                                     part.network + ": must be " + part.published +
                                     list("missing", missing) + list("too many", extra) +
                                     list("of another shape", wrong));
}

void write(const TorchCheckpoint& checkpoint, const Part& part, const std::filesystem::path& from,
           const std::filesystem::path& out) {
  std::map<std::string, std::vector<float>> numbers;
  std::map<std::string, Tensor> tensors;
  for (const IpLapTensor& tensor : part.tensors) {
    const auto& values = numbers[tensor.name] = checkpoint.floats(tensor.name, tensor.shape);
    tensors[tensor.name] = view_of(values, tensor.shape);
  }
  const nlohmann::ordered_json card = {
      {"source", from.filename().string()},
      {"sha256", checkpoint.sha256()},
      {"paper",
       "Zhong et al. 2023, Identity-Preserving Talking Face Generation with Landmark and "
       "Appearance Priors"}};
  write_tensor_file(
      out, tensors,
      to_metadata({part.network, part.version, "{}",
                   card.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)}));
}

}  // namespace

void import_ip_lap(const std::filesystem::path& landmarks, const std::filesystem::path& renderer,
                   const std::filesystem::path& folder) {
  const Part first = {kIpLapLandmarksName, kIpLapLandmarksVersion,
                      "landmarkgenerator_checkpoint.pth", ip_lap_landmark_tensors()};
  const Part second = {kIpLapRendererName, kIpLapRendererVersion, "renderer_checkpoint.pth",
                       ip_lap_renderer_tensors()};
  const TorchCheckpoint from_first = TorchCheckpoint::open(landmarks);
  const TorchCheckpoint from_second = TorchCheckpoint::open(renderer);
  check(from_first, first);
  check(from_second, second);
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  if (failed) throw Error(ErrorCode::kOutput, folder.string() + ": " + failed.message());
  write(from_first, first, landmarks, folder / "landmarks.safetensors");
  write(from_second, second, renderer, folder / "renderer.safetensors");
}

}  // namespace visema
