#pragma once

#include <vector>

#include "iplap_items.h"
#include "visema/audio/mel.h"
#include "visema/core/time.h"
#include "visema/media/resampler.h"
#include "visema/pipeline/stage.h"

namespace visema::session {

/// Sound as it was decoded to the mel windows of every video frame, the sound going along. A frame
/// is heard as soon as its last window is there, about a quarter of a second later. Windows that
/// reach beyond the end of the sound become its last 16 mel frames; a sound shorter than that ends
/// in silence.
class IplapSpeechStage {
 public:
  IplapSpeechStage(Rational fps, int rate_hz, int channels);

  void process(AudioBlock block, const Emit<IplapHeardFrame>& emit);
  void finish(const Emit<IplapHeardFrame>& emit);
  void reset();

 private:
  /// Emits the next frame; no window begins after `last_start`.
  void hear(FrameIndex last_start, const Emit<IplapHeardFrame>& emit);

  const Rational fps_;
  const int rate_hz_;
  const int channels_;
  Resampler resampler_;
  LogMel mel_;
  FrameIndex next_ = 0;            // frame to emit
  SampleIndex samples_ = 0;        // at rate_hz_
  std::vector<AudioBlock> sound_;  // that goes with the next frame
};

}  // namespace visema::session
