#include "visema/evaluation/identity.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>
#include <utility>

#include "visema/core/error.h"

namespace visema {

double cosine(std::span<const float> a, std::span<const float> b) {
  const auto dot = [](std::span<const float> x, std::span<const float> y) {
    return std::inner_product(x.begin(), x.end(), y.begin(), 0.0);
  };
  const double lengths = std::sqrt(dot(a, a) * dot(b, b));
  return lengths > 0 ? dot(a, b) / lengths : 0;
}

IdentityScore::IdentityScore(std::vector<std::vector<float>> source) : source_(std::move(source)) {
  if (source_.empty()) throw Error(ErrorCode::kInput, "identity needs an embedding of the source");
  for (const auto& embedding : source_) {
    if (embedding.empty() || embedding.size() != source_.front().size()) {
      throw Error(ErrorCode::kInput, "embeddings of the source must be of one length, not " +
                                         std::to_string(source_.front().size()) + " and " +
                                         std::to_string(embedding.size()));
    }
  }
}

double IdentityScore::push(std::span<const float> embedding) {
  if (embedding.size() != source_.front().size()) {
    throw Error(ErrorCode::kInput, "an embedding of " + std::to_string(embedding.size()) +
                                       " numbers cannot be compared with a source's of " +
                                       std::to_string(source_.front().size()));
  }
  double best = -1;
  for (const auto& known : source_) best = std::max(best, cosine(embedding, known));
  sum_ += best;
  worst_ = std::min(worst_, best);
  ++frames_;
  return best;
}

std::optional<IdentityScore::Result> IdentityScore::result() const {
  if (frames_ == 0) return std::nullopt;
  return Result{sum_ / static_cast<double>(frames_), worst_};
}

}  // namespace visema
