#include "frame_picker.h"

namespace visema::session {

void FramePicker::process(SpokenFrame spoken, const Emit<SpokenFrame>& emit) {
  if (!spoken.motion) return;
  const LiveTime begin = LiveTime::clock::now();
  const bool wanted = wanted_.exchange(false);
  const FrameIndex frame = spoken.motion->index;
  dropped_ += frame - next_;  // by the queue before
  next_ = frame + 1;
  const RenderLoad load{typical_, allowance_, newest_ > frame, dropped_in_a_row_};
  if (!wanted && leave_out(begin, frame, clock_, load)) {
    ++dropped_in_a_row_;
    ++dropped_;
    return;
  }
  dropped_in_a_row_ = 0;
  emit(std::move(spoken));
  const LiveDuration took = LiveTime::clock::now() - begin;
  typical_ += (took - typical_) / 8;
}

}  // namespace visema::session
