#pragma once

#include <torch/torch.h>

#include <cstdint>

#include "speech_data.h"
#include "speech_model_torch.h"
#include "visema/models/speech_basis.h"

namespace visema::training {

struct SpeechAlignment {
  std::int64_t moved = 0;    // clips
  double correlation = 0;    // of openness, mean over the clips, before they were moved
  double moved_seconds = 0;  // mean of the absolute shifts
};

/// Moves the picture of each clip to where its sound is, as a half-trained network hears it: the
/// shift at which the network's mouth agrees best with the real one, of the clip itself where it is
/// long and the best shift clear, else of all clips of the person together. Counted from the file's
/// own times each time that it is called.
SpeechAlignment align(SpeechModel& model, SpeechSet& set, const SpeechBasis& basis,
                      torch::Device device);

}  // namespace visema::training
