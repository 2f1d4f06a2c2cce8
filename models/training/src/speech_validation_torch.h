#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <map>
#include <string>

#include "speech_data.h"
#include "speech_model_torch.h"
#include "speech_sampler.h"

namespace visema::training {

/// How well the network says what the real mouths of held-out persons did, over clips of at least a
/// second.
struct SpeechQuality {
  double correlation = 0;   // of mouth openness, mean over clips
  double gain = 0;          // spread of openness / real spread
  double movement = 0;      // spread of its change per frame / real
  double lip_distance = 0;  // mean distance of the lip points / that of a mouth kept at rest
  double closure = 0;       // opening where real lips touch / opening elsewhere
  std::int64_t clips = 0;

  double score() const;
};

struct SpeechReport {
  SpeechQuality portrait;                          // the rest face as the only reference
  SpeechQuality referenced;                        // four frames of the clip as references
  std::map<std::string, SpeechQuality> by_source;  // referenced

  double score() const { return 0.5 * (portrait.score() + referenced.score()); }
};

/// Measures on at most about `most_frames` frames, spread evenly over the set's clips.
SpeechReport validate(SpeechModel& model, const SpeechSet& set, const SpeechBasis& basis,
                      std::int64_t most_frames, torch::Device device);

}  // namespace visema::training
