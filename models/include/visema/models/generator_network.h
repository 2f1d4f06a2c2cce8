#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <string>

#include "visema/models/compute.h"
#include "visema/models/tensor_file.h"

namespace visema {

/// Facts about loaded weights, for reports.
struct GeneratorInfo {
  std::string name;
  std::string version;
  std::string sha256;  // of the weight file
  std::string card;    // JSON: what it was trained on and how good it is
  std::string config;  // JSON: its widths and depths
  double gflop = 0;    // 2 x multiply-accumulate of one 192x192 frame
};

/// The network that paints what alignment cannot know: planes [13, size, size] of
/// renderer/generator_input.h to [4, size, size], colours r g b in 0..1 and the blend m in 0..1.
/// Any number of threads may call run() at the same time, each with `compute.threads` threads.
class GeneratorNetwork {
 public:
  static constexpr int kInputPlanes = 13;
  static constexpr int kOutputPlanes = 4;

  /// Throws Error(kModel) that names the file and the tensor, Error(kInput) when it cannot be read.
  GeneratorNetwork(const std::filesystem::path& weights, const Compute& compute);
  GeneratorNetwork(const TensorFile& weights, const Compute& compute);
  ~GeneratorNetwork();
  GeneratorNetwork(GeneratorNetwork&&) noexcept;
  GeneratorNetwork& operator=(GeneratorNetwork&&) noexcept;

  /// One or more frames one behind the other; size is a multiple of 16.
  void run(std::span<const float> planes, std::span<float> result, int size = 192) const;
  const GeneratorInfo& info() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace visema
