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

using Numbers = std::map<std::string, std::vector<float>>;

Numbers read(const TorchCheckpoint& checkpoint, const Part& part) {
  Numbers numbers;
  for (const IpLapTensor& tensor : part.tensors)
    numbers[tensor.name] = checkpoint.floats(tensor.name, tensor.shape);
  return numbers;
}

void write(const TorchCheckpoint& checkpoint, const Numbers& numbers, const Part& part,
           const std::filesystem::path& from, const std::filesystem::path& out) {
  std::map<std::string, Tensor> tensors;
  for (const IpLapTensor& tensor : part.tensors)
    tensors[tensor.name] = view_of(numbers.at(tensor.name), tensor.shape);
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
  const Numbers first_numbers = read(from_first, first);
  const Numbers second_numbers = read(from_second, second);
  // Beside each other first, so that a disk that fills leaves the pair of before.
  const auto first_new = folder / "landmarks.safetensors.new";
  const auto second_new = folder / "renderer.safetensors.new";
  try {
    write(from_first, first_numbers, first, landmarks, first_new);
    write(from_second, second_numbers, second, renderer, second_new);
  } catch (...) {
    std::filesystem::remove(first_new, failed);
    std::filesystem::remove(second_new, failed);
    throw;
  }
  std::filesystem::rename(first_new, folder / "landmarks.safetensors");
  std::filesystem::rename(second_new, folder / "renderer.safetensors");
}

}  // namespace visema
