#pragma once

#include <future>
#include <vector>

#include "live_clock.h"
#include "render_stage.h"
#include "speech_stage.h"
#include "template_stage.h"

namespace visema::session {

/// The first pictures of a network, and of a thread, take up to three times as long as the others:
/// each thread of a live run makes some before time begins, from silence. Once.
class LiveRehearsal {
 public:
  struct Took {  // typically, for a picture
    LiveDuration time{};
    LiveDuration processor_time{};
  };

  /// In the thread of the speech stage, which is reset afterwards.
  void speak(SpeechStage& speech, int rate_hz, int channels);
  /// In the thread that paints; waits for speak(), and throws what that threw.
  Took paint(TemplateStage& place, RenderStage& picture);
  /// Any other thread: waits for both, and throws what they threw.
  Took took();

 private:
  std::promise<std::vector<SpokenFrame>> spoken_;
  std::promise<Took> took_;
};

}  // namespace visema::session
