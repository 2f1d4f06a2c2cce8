#pragma once

#include <string>

#include "renderer_loss_weights.h"

namespace visema::training {

/// The defaults with the changes of `text`, "NAME=W,...", W in 0..100. Throws Error(kUsage) that
/// begins with `flag`.
RendererLossWeights parse_renderer_loss(const std::string& flag, const std::string& text);

/// "colour=1,coarse=0.5,...": all of them, as parse_renderer_loss reads them.
std::string to_text(RendererLossWeights weights);

}  // namespace visema::training
