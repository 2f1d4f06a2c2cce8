#include <benchmark/benchmark.h>

#include <cmath>
#include <vector>

#include "visema/audio/mel.h"

namespace visema::bench {
namespace {

/// One second of sound; items are seconds, so items_per_second is the multiple of real time.
void log_mel(benchmark::State& state) {
  std::vector<float> second(kSpeechRateHz);
  for (std::size_t i = 0; i < second.size(); ++i)
    second[i] = 0.3F * std::sin(0.05F * static_cast<float>(i));
  LogMel mel;
  for (auto _ : state) {
    mel.push(second);
    mel.drop_before(mel.frames_ready());
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(log_mel);

}  // namespace
}  // namespace visema::bench
