#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "trials.h"

namespace visema::ruler {

/// silence.* and closure.* of one kind of mouth over all clips together.
struct Articulation {
  std::string mouth;
  double open_in_silence_percent = 0;
  double closed_percent = 0;
  double contrast = 0;
};

/// Of the real mouths, and of what is made of their openness: 0.5 s late, standing still at the
/// mean, opened 1.8 times as far.
std::vector<Articulation> rank_mouths(const std::vector<ClipTrials>& clips);

/// AUC of same against other persons by each of the two embeddings.
struct IdentityAuc {
  double first = 0, second = 0;
  std::size_t same = 0, other = 0;  // pairs
};
/// Pairs of two clips; of a person with a single clip, two frames of it that lie 2 s apart.
IdentityAuc separate_persons(const std::vector<ClipTrials>& clips,
                             const session::ModelPaths& models);

}  // namespace visema::ruler
