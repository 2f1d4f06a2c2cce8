#include "visema/renderer/one_person.h"

#include <algorithm>
#include <cstddef>
#include <vector>

#include "visema/renderer/cutout.h"

namespace visema {
namespace {

constexpr float kSure = 0.5F;
constexpr float kLeast = 0.02F;  // soft borders reach down to this
constexpr int kSide = kMatteSide;

using Labels = std::vector<int>;  // 0: none yet

/// Gives the neighbours of `reached`, and theirs, its pixels' labels where the matte is above
/// `least`; the nearest label wins. Returns all that was reached.
std::vector<int> grow(std::span<const float> matte, float least, std::vector<int> reached,
                      Labels& labels) {
  for (std::size_t next = 0; next < reached.size(); ++next) {
    const int i = reached[next], x = i % kSide;
    const auto visit = [&](bool inside, int neighbour) {
      if (!inside || labels[neighbour] != 0 || matte[neighbour] <= least) return;
      labels[neighbour] = labels[i];
      reached.push_back(neighbour);
    };
    visit(x > 0, i - 1);
    visit(x + 1 < kSide, i + 1);
    visit(i >= kSide, i - kSide);
    visit(i + kSide < kSide * kSide, i + kSide);
  }
  return reached;
}

int label_at(const Labels& labels, Point2 at) {
  const int x = std::clamp(static_cast<int>(at.x), 0, kSide - 1);
  const int y = std::clamp(static_cast<int>(at.y), 0, kSide - 1);
  return labels[static_cast<std::size_t>(y) * kSide + x];
}

}  // namespace

void keep_one_person(std::span<float> matte, std::optional<Point2> at) {
  Labels labels(matte.size());
  std::vector<int> sure;
  int count = 0, largest = 0;
  std::size_t most = 0;
  for (std::size_t i = 0; i < matte.size(); ++i) {
    if (labels[i] != 0 || matte[i] <= kSure) continue;
    labels[i] = ++count;
    const auto part = grow(matte, kSure, {static_cast<int>(i)}, labels);
    if (part.size() > most) largest = count;
    most = std::max(most, part.size());
    sure.insert(sure.end(), part.begin(), part.end());
  }
  const int here = at ? label_at(labels, *at) : 0;
  const int kept = here != 0 ? here : largest;
  grow(matte, kLeast, std::move(sure), labels);
  for (std::size_t i = 0; i < matte.size(); ++i)
    if (labels[i] != kept) matte[i] = 0;
}

}  // namespace visema
