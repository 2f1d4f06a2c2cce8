#pragma once

#include <torch/torch.h>

#include <vector>

#include "mouth_errors.h"
#include "speech_data.h"
#include "speech_model_torch.h"
#include "speech_sampler.h"
#include "visema/models/speech_basis.h"

namespace visema::training {

/// Mouths of all frames of a clip, offsets from its rest face in canonical units.
struct ClipMouths {
  std::vector<double> opening;  // [T]
  LipFrames lips;               // [T][40 * 2]

  /// Of networks that said the same frames.
  static ClipMouths mean(const std::vector<ClipMouths>& mouths);
};

/// Lets a network say whole clips. `basis` must outlive it.
class MouthTeller {
 public:
  MouthTeller(const SpeechBasis& basis, torch::Device device);

  ClipMouths tell(SpeechModel& model, const SpeechSampler& sampler, const SpeechClip& clip,
                  SpeechSampler::References references) const;

 private:
  const SpeechBasis& basis_;
  torch::Device device_;
  torch::Tensor gap_row_;   // [lower, 1], of coefficients as the network says them
  torch::Tensor lip_rows_;  // [lower, 40 * 2], likewise
};

/// The real ones of a held-out clip.
ClipMouths real_mouths(const SpeechClip& clip);

}  // namespace visema::training
