#pragma once

#include <torch/torch.h>

#include <cstdint>

#include "mouth_quality.h"
#include "speech_data.h"
#include "speech_model_torch.h"
#include "speech_sampler.h"

namespace visema::training {

/// Measures on at most about `most_frames` frames, spread evenly over the set's clips.
SpeechReport validate(SpeechModel& model, const SpeechSet& set, const SpeechBasis& basis,
                      std::int64_t most_frames, torch::Device device);

}  // namespace visema::training
