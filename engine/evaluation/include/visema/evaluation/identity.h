#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace visema {

/// identity.*: whether the face of a video stays that of its source. Cosine of each frame's
/// embedding with the source's embedding that is nearest to it.
class IdentityScore {
 public:
  /// Embeddings of the source, of one length each, at least one. Throws Error(kInput).
  explicit IdentityScore(std::vector<std::vector<float>> source);
  /// The cosine of this frame. Throws Error(kInput) when the embedding is of another network.
  double push(std::span<const float> embedding);

  struct Result {
    double mean = 0;
    double worst = 0;
  };
  /// Nothing before the first frame.
  std::optional<Result> result() const;

 private:
  std::vector<std::vector<float>> source_;
  double sum_ = 0, worst_ = 1;
  std::int64_t frames_ = 0;
};

/// Of two vectors of one length; 0 where one of them is all zeros.
double cosine(std::span<const float> a, std::span<const float> b);

}  // namespace visema
