#include "visema/renderer/matte_smoother.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace visema {
namespace {

constexpr FrameIndex kMostStep = 3;  // a live run leaves frames out
constexpr float kSlowest = 0.25F;    // share of a change that is followed, at least
constexpr float kGain = 3;           // of that share with the size of the change

}  // namespace

void MatteSmoother::smooth(FrameIndex index, std::span<float> matte) {
  if (last_.size() == matte.size() && std::abs(index - index_) <= kMostStep)
    for (std::size_t i = 0; i < matte.size(); ++i) {
      const float change = matte[i] - last_[i];
      matte[i] = last_[i] + change * std::min(1.0F, kSlowest + kGain * std::abs(change));
    }
  last_.assign(matte.begin(), matte.end());
  index_ = index;
}

}  // namespace visema
