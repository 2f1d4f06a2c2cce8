#pragma once

#include <torch/torch.h>

#include <vector>

#include "sync_data.h"
#include "sync_model_torch.h"

namespace visema::training {

/// Embeddings of kSyncBackground moments of speech, spread evenly over the clips, persons counting
/// by the root of their speech -> [kSyncBackground, embedding]. Throws Error(kInput) when nobody
/// speaks.
torch::Tensor background_of(SyncModel& model, const std::vector<SyncClip>& clips,
                            const torch::Device& device);

}  // namespace visema::training
