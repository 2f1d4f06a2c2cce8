#pragma once

#include <cmath>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "ip_lap_layers.h"
#include "visema/models/tensor_file.h"
#include "visema/models/weight_card.h"

namespace visema {

/// CRC-32 as in zlib.
inline std::uint32_t crc32_of(const std::string& text) {
  std::uint32_t crc = ~0U;
  for (const char c : text) {
    crc ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (0xEDB88320U & -(crc & 1U));
  }
  return ~crc;
}

/// Numbers in [-1, 1) that depend on the name and the place (golden/README.md).
inline std::vector<double> formula(const std::string& name, std::size_t count) {
  const std::uint32_t seed = crc32_of(name);
  std::vector<double> values(count);
  for (std::size_t i = 0; i < count; ++i) {
    auto x = static_cast<std::uint32_t>(i) * 2654435761U + seed;
    x ^= x >> 16;
    x *= 2246822519U;
    x ^= x >> 13;
    x *= 3266489917U;
    x ^= x >> 16;
    values[i] = x / 2147483648.0 - 1;
  }
  return values;
}

inline std::vector<float> formula_input(const std::string& name, std::size_t count, double low,
                                        double high) {
  std::vector<float> values;
  for (const double u : formula("input." + name, count))
    values.push_back(static_cast<float>((u + 1) / 2 * (high - low) + low));
  return values;
}

/// The sinusoids of Vaswani et al. 2017, [positions, width].
inline std::vector<float> sinusoids(std::int64_t positions, std::int64_t width) {
  std::vector<float> values;
  for (std::int64_t p = 0; p < positions; ++p)
    for (std::int64_t c = 0; c < width; ++c) {
      const auto rate = std::exp(static_cast<float>(c / 2 * 2) *
                                 -(std::log(10000.0F) / static_cast<float>(width)));
      const float angle = static_cast<float>(p) * rate;
      values.push_back(c % 2 == 0 ? std::sin(angle) : std::cos(angle));
    }
  return values;
}

inline std::vector<float> formula_weights(const IpLapTensor& tensor) {
  std::size_t count = 1;
  for (const auto side : tensor.shape) count *= static_cast<std::size_t>(side);
  if (tensor.name.ends_with(".pe")) return sinusoids(tensor.shape[1], tensor.shape[2]);
  const double fan_in = static_cast<double>(count) / static_cast<double>(tensor.shape[0]);
  std::vector<float> values;
  values.reserve(count);
  for (const double u : formula(tensor.name, count)) {
    double value = 0.1 * u;
    if (tensor.shape.size() > 1)
      value = u * std::sqrt(3 / fan_in);
    else if (tensor.name.ends_with("running_var"))
      value = 1 + 0.5 * std::abs(u);
    else if (tensor.name.ends_with("weight"))
      value = 1 + 0.1 * u;
    values.push_back(static_cast<float>(value));
  }
  return values;
}

/// A weight file with every tensor filled by the formula.
inline void write_formula_weights(const std::vector<IpLapTensor>& layout, const WeightCard& card,
                                  const std::filesystem::path& path) {
  std::map<std::string, std::vector<float>> numbers;
  std::map<std::string, Tensor> tensors;
  for (const IpLapTensor& tensor : layout) {
    const auto& values = numbers[tensor.name] = formula_weights(tensor);
    tensors[tensor.name] = view_of(values, tensor.shape);
  }
  write_tensor_file(path, tensors, to_metadata(card));
}

}  // namespace visema
