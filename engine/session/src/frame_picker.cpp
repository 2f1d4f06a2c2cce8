#include "frame_picker.h"

namespace visema::session {

void FramePicker::process(SpokenFrame spoken, const Emit<SpokenFrame>& emit) {
  if (!spoken.motion) return;
  const LiveTime begin = LiveTime::clock::now();
  const bool wanted = wanted_.exchange(false);
  if (!wanted && leave_out(begin, spoken.motion->index, clock_, {typical_, allowance_, dropped_in_a_row_})) {
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
