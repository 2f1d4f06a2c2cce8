#include "renderer_loss_text.h"

#include <array>

#include "loss_weights.h"

namespace visema::training {
namespace {

std::array<LossWeight, 7> named(RendererLossWeights& w) {
  return {{{"colour", &w.colour},
           {"coarse", &w.coarse},
           {"gradient", &w.gradient},
           {"structure", &w.structure},
           {"blend", &w.blend},
           {"lips", &w.lips},
           {"perceptual", &w.perceptual}}};
}

}  // namespace

RendererLossWeights parse_renderer_loss(const std::string& flag, const std::string& text) {
  RendererLossWeights weights;
  change_loss_weights(named(weights), flag, text);
  return weights;
}

std::string to_text(RendererLossWeights weights) {
  return to_text(named(weights));
}

}  // namespace visema::training
