#include "live_rehearsal.h"

#include <algorithm>

#include "live_priority.h"

namespace visema::session {
namespace {

constexpr std::size_t kPictures = 7;

LiveDuration middle_of(std::vector<LiveDuration> times) {
  if (times.empty()) return {};
  const auto middle = times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2);
  std::nth_element(times.begin(), middle, times.end());
  return *middle;
}

std::vector<SpokenFrame> speak_silence(SpeechStage& speech, int rate_hz, int channels) {
  AudioBlock silence{0, rate_hz, channels, {}};
  silence.samples.resize(static_cast<std::size_t>(rate_hz) * static_cast<std::size_t>(channels));
  std::vector<SpokenFrame> spoken;
  speech.process(silence, [&](SpokenFrame frame) {
    if (frame.motion && spoken.size() < kPictures) spoken.push_back(std::move(frame));
  });
  speech.reset();
  return spoken;
}

LiveRehearsal::Took paint_all(std::vector<SpokenFrame> spoken, TemplateStage& place,
                              RenderStage& picture) {
  std::vector<LiveDuration> times;
  std::vector<LiveDuration> processor_times;
  for (SpokenFrame& frame : spoken) {
    const LiveTime begin = LiveTime::clock::now();
    const LiveDuration used = processor_time();
    place.process(std::move(frame), [&](PlacedFrame placed) {
      picture.process(std::move(placed), [](const RenderedFrame&) {});
    });
    times.push_back(LiveTime::clock::now() - begin);
    processor_times.push_back(processor_time() - used);
  }
  place.reset();
  picture.reset();
  return {middle_of(std::move(times)), middle_of(std::move(processor_times))};
}

/// Fulfils the promise with what `work` returns or throws.
template <typename T, typename Work>
T kept(std::promise<T>& promise, const Work& work) {
  try {
    T value = work();
    promise.set_value(value);
    return value;
  } catch (...) {
    promise.set_exception(std::current_exception());
    throw;
  }
}

}  // namespace

void LiveRehearsal::speak(SpeechStage& speech, int rate_hz, int channels) {
  kept(spoken_, [&] { return speak_silence(speech, rate_hz, channels); });
}

LiveRehearsal::Took LiveRehearsal::paint(TemplateStage& place, RenderStage& picture) {
  return kept(took_, [&] { return paint_all(spoken_.get_future().get(), place, picture); });
}

LiveRehearsal::Took LiveRehearsal::took() {
  return took_.get_future().get();
}

}  // namespace visema::session
