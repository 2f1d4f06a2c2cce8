#pragma once

namespace visema::training {

/// Weights of the parts of the generator's loss; 0 leaves a part out. `lips` says within all of
/// them what counts most.
struct RendererLossWeights {
  double colour = 1;       // mean absolute difference of colours
  double coarse = 0.5;     // the same of means over 2x2 and over 4x4 pixels
  double gradient = 0.5;   // of differences between neighbours, across and down
  double structure = 0.1;  // structural similarity (Wang et al. 2004) of the luminance
  double blend = 0.002;    // painting where the warped reference would do, away from the lips
  double lips = 1;         // 1: lips count twice as skin and what is between them three times
  double perceptual = 1;   // distance of mouths by what a network sees in them, where one is given
};

}  // namespace visema::training
