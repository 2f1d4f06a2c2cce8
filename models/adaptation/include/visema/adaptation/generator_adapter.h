#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "visema/models/compute.h"
#include "visema/models/tensor_file.h"

namespace visema {

/// How near a generator comes to pictures that it did not learn from, inside the mouth mask.
struct AdaptationFigures {
  double l1 = 0;         // mean difference of colours, 0..1
  double mouth_l1 = 0;   // the same within the outer lips
  double psnr_db = 0;    // of the mean square over all pictures
  double sharpness = 0;  // gradient energy about the mouth over the real one's
};

/// Nearer both in the whole and in the mouth, and neither blurred for it (a mouth that is much
/// nearer may be a little softer) nor noisy. Figures that are not finite are never better.
bool is_better(const AdaptationFigures& after, const AdaptationFigures& before);

/// One person's pictures. Examples [0, learning) of `learn` are for learning, [0, held_out) of
/// `judge` decide. Each call fills planes [13, 192, 192] of renderer/generator_input.h and the
/// picture [3, 192, 192] that they should lead to; `learn` is called from two threads in turn.
struct AdaptationExamples {
  using Example =
      std::function<void(std::size_t index, std::span<float> planes, std::span<float> target)>;
  std::size_t learning = 0;
  std::size_t held_out = 0;
  Example learn;
  Example judge;
};

/// Ends after the minutes or the steps, whichever comes first; 0: no limit of that kind. With steps
/// alone the same seed gives the same generator on the CPU of one machine with as many threads.
struct AdaptationOptions {
  double minutes = 0;
  std::int64_t steps = 0;
  std::uint64_t seed = 1;
};

struct AdaptationResult {
  /// The adapted weight file, empty where none was better than the generator it began with.
  std::vector<std::byte> weights;
  AdaptationFigures before;
  AdaptationFigures after;  // of `weights` before F16; of the last check where those are empty
  std::int64_t steps = 0;
  double minutes = 0;
};

/// Called between steps with the share of the budget that is used up; false stops.
using AdaptationProgress = std::function<bool(double share)>;

/// Trains the generator of a weight file on one person's pictures, gently, and measures it on those
/// held out. Throws Error(kModel) for the file, Error(kInterrupted) when `progress` said stop,
/// Error(kInternal) where training does not converge.
AdaptationResult adapt_generator(const TensorFile& weights, const Compute& compute,
                                 const AdaptationExamples& examples,
                                 const AdaptationOptions& options,
                                 const AdaptationProgress& progress = {});

}  // namespace visema
