#pragma once

#include <string>

namespace visema::training {

/// Weights of the parts of SpeechLoss; 0 leaves a part out. `lips` and `touching` say within a part
/// what counts most.
struct SpeechLossWeights {
  double points = 1;         // places of the points
  double velocity = 3;       // their change from moment to moment
  double gap = 0.6;          // opening of the inner lips
  double closed = 0.05;      // whether the lips touch, as the network itself says it
  double upper = 0.05;       // brows and cheeks
  double spread = 0.4;       // that mouths move as far as real ones, over the batch
  double correlation = 0.4;  // and when they do, in each piece
  double lips = 1;           // 1: inner lips count 30 times a cheek, 0: all points alike
  double touching = 3;       // the opening counts 1 + `touching` times as much where lips touch
};

/// The defaults with the changes of `text`, "NAME=W,...", W in 0..100. Throws Error(kUsage) that
/// begins with `flag`.
SpeechLossWeights parse_loss_weights(const std::string& flag, const std::string& text);

/// "points=1,velocity=3,...": all of them, as parse_loss_weights reads them.
std::string to_text(SpeechLossWeights weights);

}  // namespace visema::training
