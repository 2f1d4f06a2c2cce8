#include "colour_match.h"

#include <array>
#include <vector>

#include "visema/renderer/generator_input.h"

namespace visema {
namespace {

constexpr float kLeastGain = 0.4F;
constexpr float kMostGain = 2.5F;
/// Weight (pixels of soft edge) from which a cell stands for itself.
constexpr float kFull = 12;

/// Gains and how sure they are, one level of the pyramid.
struct Level {
  int size;
  std::vector<Vec4> gain;
  std::vector<float> weight;

  explicit Level(int side)
      : size(side), gain(static_cast<std::size_t>(side) * side), weight(gain.size()) {}

  Vec4 at(int x, int y) const {
    return gain[std::clamp(y, 0, size - 1) * size + std::clamp(x, 0, size - 1)];
  }
};

Level coarser(const Level& fine) {
  Level coarse(fine.size / 2);
  for (int y = 0; y < coarse.size; ++y)
    for (int x = 0; x < coarse.size; ++x) {
      Vec4 sum{};
      float weight = 0;
      for (const int i : {0, 1, fine.size, fine.size + 1}) {
        const int from = 2 * y * fine.size + 2 * x + i;
        sum += broadcast(fine.weight[from]) * fine.gain[from];
        weight += fine.weight[from];
      }
      coarse.gain[y * coarse.size + x] = weight > 0 ? sum * broadcast(1 / weight) : broadcast(1);
      coarse.weight[y * coarse.size + x] = std::min(weight, kFull);
    }
  return coarse;
}

/// Fills what a level does not know from the coarser one, bilinear.
void fill(Level& fine, const Level& coarse) {
  for (int y = 0; y < fine.size; ++y)
    for (int x = 0; x < fine.size; ++x) {
      const int cx = x / 2, cy = y / 2, nx = cx + (x % 2 != 0 ? 1 : -1),
                ny = cy + (y % 2 != 0 ? 1 : -1);
      const Vec4 guess = broadcast(0.5625F) * coarse.at(cx, cy) +
                         broadcast(0.1875F) * (coarse.at(nx, cy) + coarse.at(cx, ny)) +
                         broadcast(0.0625F) * coarse.at(nx, ny);
      const int i = y * fine.size + x;
      const float sure = fine.weight[i] / kFull;
      fine.gain[i] = broadcast(sure) * fine.gain[i] + broadcast(1 - sure) * guess;
    }
}

/// 1-2-1 both ways.
void smooth(Level& level) {
  const Level old = level;
  for (int y = 0; y < level.size; ++y)
    for (int x = 0; x < level.size; ++x) {
      Vec4 sum{};
      for (int dy = -1; dy <= 1; ++dy)
        for (int dx = -1; dx <= 1; ++dx)
          sum += broadcast(static_cast<float>((2 - std::abs(dx)) * (2 - std::abs(dy)))) *
                 old.at(x + dx, y + dy);
      level.gain[y * level.size + x] = sum * broadcast(1.0F / 16);
    }
}

}  // namespace

ColourMatch::ColourMatch(std::span<const float> mask, std::span<const float> painted,
                         std::span<const float> base)
    : gains_(gains(mask, painted, base)) {}

FloatPicture ColourMatch::gains(std::span<const float> mask, std::span<const float> painted,
                                std::span<const float> base) {
  constexpr int kCells = kCropSize / kCell;
  constexpr float kSmallLift = kLift / 255;
  Level finest(kCells);
  std::vector<Vec4> wanted(finest.gain.size()), present(finest.gain.size());
  for (int y = 0; y < kCropSize; ++y)
    for (int x = 0; x < kCropSize; ++x) {
      const int i = y * kCropSize + x;
      const float w = 4 * mask[i] * (1 - mask[i]);
      if (w <= 0) continue;
      const int cell = y / kCell * kCells + x / kCell;
      for (int c = 0; c < 3; ++c) {
        wanted[cell][c] += w * (base[c * kCropPixels + i] + kSmallLift);
        present[cell][c] += w * (painted[c * kCropPixels + i] + kSmallLift);
      }
      finest.weight[cell] += w;
    }
  for (std::size_t i = 0; i < finest.gain.size(); ++i) {
    finest.gain[i] = broadcast(1);
    if (finest.weight[i] <= 0) continue;
    for (int c = 0; c < 3; ++c)
      finest.gain[i][c] = std::clamp(wanted[i][c] / present[i][c], kLeastGain, kMostGain);
    finest.weight[i] = std::min(finest.weight[i], kFull);
  }

  std::vector<Level> pyramid = {finest};
  while (pyramid.back().size % 2 == 0) pyramid.push_back(coarser(pyramid.back()));
  Level& coarsest = pyramid.back();
  Vec4 sum = broadcast(0.1F);
  float weight = 0.1F;
  for (std::size_t i = 0; i < coarsest.gain.size(); ++i) {
    sum += broadcast(coarsest.weight[i]) * coarsest.gain[i];
    weight += coarsest.weight[i];
  }
  for (std::size_t i = 0; i < coarsest.gain.size(); ++i) {
    const float sure = coarsest.weight[i] / kFull;
    coarsest.gain[i] = broadcast(sure) * coarsest.gain[i] + broadcast((1 - sure) / weight) * sum;
  }
  for (std::size_t i = pyramid.size() - 1; i > 0; --i) fill(pyramid[i - 1], pyramid[i]);
  smooth(pyramid.front());

  std::vector<float> planes(4 * pyramid.front().gain.size());
  for (std::size_t i = 0; i < pyramid.front().gain.size(); ++i)
    for (int c = 0; c < 4; ++c)
      planes[c * pyramid.front().gain.size() + i] = pyramid.front().gain[i][c];
  return FloatPicture(planes, kCells);
}

}  // namespace visema
