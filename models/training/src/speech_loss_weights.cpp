#include "speech_loss_weights.h"

#include <array>

#include "loss_weights.h"

namespace visema::training {
namespace {

std::array<LossWeight, 9> named(SpeechLossWeights& w) {
  return {{{"points", &w.points},
           {"velocity", &w.velocity},
           {"gap", &w.gap},
           {"closed", &w.closed},
           {"upper", &w.upper},
           {"spread", &w.spread},
           {"correlation", &w.correlation},
           {"lips", &w.lips},
           {"touching", &w.touching}}};
}

}  // namespace

SpeechLossWeights parse_loss_weights(const std::string& flag, const std::string& text) {
  SpeechLossWeights weights;
  change_loss_weights(named(weights), flag, text);
  return weights;
}

std::string to_text(SpeechLossWeights weights) {
  return to_text(named(weights));
}

}  // namespace visema::training
