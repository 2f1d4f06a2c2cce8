#pragma once

#include <memory>
#include <span>
#include <utility>

#include "visema/models/generator_network.h"
#include "visema/session/painter.h"

namespace visema::session {

/// What paints: a network of this process, or one that a painter holds. Any number of threads may
/// call run() at the same time.
class Generator {
 public:
  virtual ~Generator() = default;
  /// One picture, planes [13, 192, 192] to [4, 192, 192].
  virtual void run(std::span<const float> planes, std::span<float> result) const = 0;
  virtual const GeneratorInfo& info() const = 0;
  /// What a painter did for it so far.
  virtual PaintCounts counts() const { return {}; }
};

class LocalGenerator : public Generator {
 public:
  explicit LocalGenerator(GeneratorNetwork network) : network_(std::move(network)) {}
  void run(std::span<const float> planes, std::span<float> result) const override {
    network_.run(planes, result);
  }
  const GeneratorInfo& info() const override { return network_.info(); }

 private:
  const GeneratorNetwork network_;
};

}  // namespace visema::session
