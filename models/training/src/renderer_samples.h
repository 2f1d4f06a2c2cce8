#pragma once

#include <cstddef>
#include <vector>

#include "renderer_augment.h"
#include "renderer_clips.h"

namespace visema::training {

/// One example: the generator's input and the picture it should lead to, planar, kCropSize
/// square, colours 0..1.
struct RendererSample {
  std::vector<float> planes;  // 13 * kCropPixels
  std::vector<float> target;  // 3 * kCropPixels
};

/// Frames of one clip: the target, a reference with closed and one with open lips. Both references
/// are the same frame when the source is to be a single portrait.
struct SampleChoice {
  std::size_t clip = 0;
  std::size_t target = 0, closed = 0, open = 0;
};

enum class Split { kTrain, kValidation };
enum class Augment { kNo, kYes };

/// Draws examples from a pack. References are at least three source frames away from the target.
/// Any number of threads may call it, each with its own generator of random numbers.
class RendererSampler {
 public:
  /// `set` must outlive it.
  RendererSampler(const CropSet& set, Split split);

  bool empty() const { return clips_.empty(); }
  std::size_t clip_count() const { return clips_.size(); }
  SampleChoice choose(Random& random) const;
  RendererSample make(const SampleChoice& choice, Augment augment, Random& random) const;

 private:
  const CropSet& set_;
  std::vector<std::size_t> clips_;
  std::vector<double> cumulative_;
};

}  // namespace visema::training
