#include <algorithm>
#include <cmath>

#include "visema/adaptation/generator_adapter.h"

namespace visema {
namespace {

/// Sharpness may fall by as much as this without any reason,
constexpr double kFreeLoss = 0.01;
/// by this much more for a mouth that is nearer by its whole error, since the nearer picture may be
/// a little softer,
constexpr double kLossPerGain = 0.25;
/// and by this much in all: L1 rewards blur.
constexpr double kMostLoss = 0.05;
/// Sharper than the real picture by more than this is noise.
constexpr double kMostExcess = 0.10;

bool is_finite(const AdaptationFigures& figures) {
  return std::isfinite(figures.l1) && std::isfinite(figures.mouth_l1) &&
         std::isfinite(figures.psnr_db) && std::isfinite(figures.sharpness);
}

bool is_nearer(const AdaptationFigures& after, const AdaptationFigures& before) {
  return after.l1 < before.l1 && after.mouth_l1 < before.mouth_l1;
}

/// Of figures that are nearer, so that the mouth's error before was not 0.
bool is_as_sharp(const AdaptationFigures& after, const AdaptationFigures& before) {
  const double gain = 1 - after.mouth_l1 / before.mouth_l1;
  const double allowed = std::min(kFreeLoss + kLossPerGain * gain, kMostLoss);
  // What was sharper than the real picture is no loss.
  const double lost = std::min(before.sharpness, 1.0) - after.sharpness;
  return lost <= allowed && after.sharpness <= std::max(before.sharpness, 1.0) + kMostExcess;
}

}  // namespace

bool is_better(const AdaptationFigures& after, const AdaptationFigures& before) {
  return is_finite(after) && is_finite(before) && is_nearer(after, before) &&
         is_as_sharp(after, before);
}

}  // namespace visema
