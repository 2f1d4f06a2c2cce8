#include "iplap_clock.h"

#include <algorithm>

namespace visema::session {
namespace {

__extension__ using Wide = __int128;

constexpr int kMelRate = 80;   // frames a second
constexpr int kMelSteps = -2;  // of a window's first mel frame before its instant

}  // namespace

FrameIndex iplap_mel_start(FrameIndex frame, Rational fps, int step) {
  const Wide steps = Wide{kIplapSteps} * frame * fps.den + Wide{step + kMelSteps} * fps.num;
  return static_cast<FrameIndex>(kMelRate * std::max<Wide>(0, steps) /
                                 (Wide{kIplapSteps} * fps.num));
}

IplapInstant iplap_instant(FrameIndex frame, Rational fps, int step) {
  return {std::max<FrameIndex>(0, kIplapSteps * frame * fps.den + step * fps.num),
          {kIplapSteps * fps.num, 1}};
}

}  // namespace visema::session
