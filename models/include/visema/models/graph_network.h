#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace visema {

/// A feed-forward network that visema-convert wrote: a list of operations and its weights in one
/// safetensors file. run() may be called from several threads. Throws Error(kModel) on
/// construction.
class GraphNetwork {
 public:
  struct Port {
    std::string name;
    std::vector<std::int64_t> shape;  // NHWC, batch 1
  };

  explicit GraphNetwork(const std::filesystem::path& path);
  ~GraphNetwork();
  GraphNetwork(GraphNetwork&&) noexcept;
  GraphNetwork& operator=(GraphNetwork&&) noexcept;

  const Port& input() const;
  const std::vector<Port>& outputs() const;

  /// Numbers of one picture in NHWC order and the network's own range; returns those of each
  /// output.
  std::vector<std::vector<float>> run(std::span<const float> input) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace visema
