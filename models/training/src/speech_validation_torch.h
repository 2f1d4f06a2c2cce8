#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "mouth_errors.h"
#include "mouth_quality.h"
#include "speech_data.h"
#include "speech_model_torch.h"

namespace visema::training {

/// A network and the held-out clips, with their coefficients in the basis that it speaks.
struct MeasuredSpeech {
  SpeechModel& model;
  const SpeechSet& set;
  const SpeechBasis& basis;
};

struct SpeechMeasures {
  SpeechReport report;
  MouthErrors referenced_errors, portrait_errors;
  MouthErrors long_errors;  // referenced, of clips of at least two seconds
};

/// Measures the mean of what the networks say, on at most about `most_frames` frames, spread evenly
/// over the clips, which must be the same for all. The networks stay as in training.
SpeechMeasures measure(const std::vector<MeasuredSpeech>& networks, std::int64_t most_frames,
                       torch::Device device);

/// Names and values for the log.
std::vector<std::pair<std::string, double>> values_of(const SpeechReport& report);

}  // namespace visema::training
