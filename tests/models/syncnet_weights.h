#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "torch_pickle_writer.h"

namespace visema {

struct Named {
  std::vector<std::int64_t> shape;
  std::vector<float> values;
};
using SyncnetWeights = std::map<std::string, Named>;

inline std::uint32_t mixed(std::uint32_t x) {
  x ^= x >> 16;
  x *= 2246822519U;
  x ^= x >> 13;
  x *= 3266489917U;
  return x ^ (x >> 16);
}

/// Made-up numbers; of kernels and matrices only one in 16 is not zero, so that the plain loops
/// below are quick.
inline Named made_up(const std::string& name, std::vector<std::int64_t> shape) {
  std::uint32_t seed = 2166136261U;
  for (const char c : name) seed = (seed ^ static_cast<unsigned char>(c)) * 16777619U;
  std::size_t count = 1;
  for (const auto side : shape) count *= static_cast<std::size_t>(side);
  const double fan_in = static_cast<double>(count) / static_cast<double>(shape[0]);
  Named out{std::move(shape), std::vector<float>(count)};
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint32_t x = mixed(seed + static_cast<std::uint32_t>(i) * 2654435761U);
    const double u = x / 2147483648.0 - 1;
    double value = 0.1 * u;
    if (out.shape.size() > 1)
      value = x % 16 == 0 ? u * std::sqrt(3 * 16 / fan_in) : 0;
    else if (name.ends_with("running_var"))
      value = 1 + 0.5 * std::abs(u);
    else if (name.ends_with("weight"))
      value = 1 + 0.1 * u;
    out.values[i] = static_cast<float>(value);
  }
  return out;
}

inline void add(SyncnetWeights& all, const std::string& name, std::vector<std::int64_t> shape) {
  all[name] = made_up(name, std::move(shape));
}

inline void add_layer(SyncnetWeights& all, const std::string& sequential, int module,
                      const std::vector<std::int64_t>& shape) {
  const std::string layer = sequential + '.' + std::to_string(module);
  const std::string norm = sequential + '.' + std::to_string(module + 1);
  add(all, layer + ".weight", shape);
  add(all, layer + ".bias", {shape[0]});
  for (const char* part : {".weight", ".bias", ".running_mean", ".running_var"})
    add(all, norm + part, {shape[0]});
  all[norm + ".num_batches_tracked"] = {{}, {1}};
}

/// The layout of syncnet_v2.model.
inline const SyncnetWeights& syncnet_weights() {
  static const SyncnetWeights kAll = [] {
    SyncnetWeights all;
    add_layer(all, "netcnnaud", 0, {64, 1, 3, 3});
    add_layer(all, "netcnnaud", 4, {192, 64, 3, 3});
    add_layer(all, "netcnnaud", 8, {384, 192, 3, 3});
    add_layer(all, "netcnnaud", 11, {256, 384, 3, 3});
    add_layer(all, "netcnnaud", 14, {256, 256, 3, 3});
    add_layer(all, "netcnnaud", 18, {512, 256, 5, 4});
    add_layer(all, "netcnnlip", 0, {96, 3, 5, 7, 7});
    add_layer(all, "netcnnlip", 4, {256, 96, 1, 5, 5});
    for (const int module : {8, 11, 14}) add_layer(all, "netcnnlip", module, {256, 256, 1, 3, 3});
    add_layer(all, "netcnnlip", 18, {512, 256, 1, 6, 6});
    for (const char* head : {"netfcaud", "netfclip"}) {
      add_layer(all, head, 0, {512, 512});
      add(all, std::string(head) + ".3.weight", {1024, 512});
      add(all, std::string(head) + ".3.bias", {1024});
    }
    return all;
  }();
  return kAll;
}

inline void write_legacy_checkpoint(const SyncnetWeights& all, const std::filesystem::path& path) {
  TorchPickleWriter writer;
  for (const auto& [name, tensor] : all) writer.add(name, tensor.shape, tensor.values);
  const auto bytes = writer.legacy_file();
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(bytes.data()),
             static_cast<std::streamsize>(bytes.size()));
}

}  // namespace visema
