#pragma once

#include <cstdint>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace visema {

/// The float32 tensors of a golden safetensors file by name; empty when the file is absent.
inline std::map<std::string, std::vector<float>> read_golden(const std::string& path) {
  std::map<std::string, std::vector<float>> tensors;
  std::ifstream file(path, std::ios::binary);
  std::uint64_t header_size = 0;
  if (!file.read(reinterpret_cast<char*>(&header_size), sizeof(header_size))) return tensors;
  std::string header(header_size, '\0');
  file.read(header.data(), static_cast<std::streamsize>(header_size));
  const auto json = nlohmann::json::parse(header);
  for (const auto& [name, entry] : json.items()) {
    if (name == "__metadata__") continue;
    const std::uint64_t begin = entry["data_offsets"][0];
    const std::uint64_t end = entry["data_offsets"][1];
    auto& values = tensors[name];
    values.resize((end - begin) / sizeof(float));
    file.seekg(static_cast<std::streamoff>(sizeof(header_size) + header_size + begin));
    file.read(reinterpret_cast<char*>(values.data()), static_cast<std::streamsize>(end - begin));
  }
  return tensors;
}

}  // namespace visema
