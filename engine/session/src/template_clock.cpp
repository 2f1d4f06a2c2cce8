#include "template_clock.h"

#include <algorithm>

namespace visema::session {

__extension__ using Wide = __int128;

FrameIndex template_frame(FrameIndex output, Rational output_fps, Rational source_fps,
                          FrameIndex count, TemplateLoop loop) {
  if (count <= 1) return 0;
  // Nearest source frame at the output frame's time, in exact integers.
  const Wide num = Wide{output} * output_fps.den * source_fps.num;
  const Wide den = Wide{output_fps.num} * source_fps.den;
  const auto position = static_cast<FrameIndex>((2 * num + den) / (2 * den));
  switch (loop) {
    case TemplateLoop::kHold:
      return std::min(position, count - 1);
    case TemplateLoop::kCut:
      return position % count;
    case TemplateLoop::kPingPong: {
      const FrameIndex period = 2 * (count - 1);
      const FrameIndex phase = position % period;
      return phase < count ? phase : period - phase;
    }
  }
  return 0;
}

}  // namespace visema::session
