#include "visema/adaptation/generator_adapter.h"

namespace visema {
namespace {

/// Blur lowers L1: sharpness may fall by this much for it, no more.
constexpr double kSharpnessLoss = 0.02;

}  // namespace

bool is_better(const AdaptationFigures& after, const AdaptationFigures& before) {
  return after.l1 < before.l1 && after.mouth_l1 < before.mouth_l1 &&
         after.sharpness > before.sharpness - kSharpnessLoss;
}

}  // namespace visema
