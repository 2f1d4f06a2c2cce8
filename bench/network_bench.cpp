// The networks on one and two threads, as milliseconds and as a share of what the cores can do.
#include <benchmark/benchmark.h>

#include <cmath>
#include <filesystem>
#include <vector>

#include "peak.h"
#include "visema/core/error.h"
#include "visema/models/generator_network.h"
#include "visema/models/graph_network.h"
#include "visema/models/speech_encoder.h"
#include "visema/models/speech_network.h"

namespace visema::bench {
namespace {

const std::filesystem::path kShare = VISEMA_BINARY_DIR "/share/visema";

Compute compute_for(const benchmark::State& state, const char* precision = "auto") {
  return resolve({"cpu", precision, static_cast<int>(state.range(0))});
}

/// Skips a benchmark whose weights are not there.
template <typename Work>
void with_weights(benchmark::State& state, const Work& work) try {
  work();
} catch (const Error& error) {
  state.SkipWithError(describe(error).c_str());
}

void generator_frame(benchmark::State& state, const char* weights, const char* precision) {
  with_weights(state, [&] {
    constexpr std::size_t kArea = 192 * 192;
    GeneratorNetwork network(kShare / "weights" / weights, compute_for(state, precision));
    const std::vector<float> planes(GeneratorNetwork::kInputPlanes * kArea, 0.5F);
    std::vector<float> result(GeneratorNetwork::kOutputPlanes * kArea);
    for (auto _ : state) network.run(planes, result);
    const double gflop = network.info().gflop;
    const auto frames = static_cast<double>(state.iterations());
    state.counters["GFLOP"] = gflop;
    state.counters["GFLOP/s"] = benchmark::Counter(gflop * frames, benchmark::Counter::kIsRate);
    state.counters["of_peak"] =
        benchmark::Counter(gflop * frames / (peak_gflops() * static_cast<double>(state.range(0))),
                           benchmark::Counter::kIsRate);
  });
}
BENCHMARK_CAPTURE(generator_frame, fp32, "renderer.safetensors", "fp32")
    ->Arg(1)
    ->Arg(2)
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(generator_frame, bf16, "renderer.safetensors", "bf16")
    ->Arg(1)
    ->Arg(2)
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(generator_frame, light_fp32, "renderer-light.safetensors", "fp32")
    ->Arg(1)
    ->Arg(2)
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(generator_frame, light_bf16, "renderer-light.safetensors", "bf16")
    ->Arg(1)
    ->Arg(2)
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

/// Several pictures in one call, as several sessions could share; the time is that of one picture.
void generator_batch(benchmark::State& state) {
  with_weights(state, [&] {
    constexpr std::size_t kArea = 192 * 192;
    const auto pictures = static_cast<std::size_t>(state.range(0));
    GeneratorNetwork network(kShare / "weights/renderer.safetensors", resolve({"cpu", "fp32", 1}));
    const std::vector<float> planes(pictures * GeneratorNetwork::kInputPlanes * kArea, 0.5F);
    std::vector<float> result(pictures * GeneratorNetwork::kOutputPlanes * kArea);
    for (auto _ : state) network.run(planes, result);
    state.counters["picture"] =
        benchmark::Counter(static_cast<double>(pictures * state.iterations()),
                           benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
  });
}
BENCHMARK(generator_batch)->Arg(1)->Arg(2)->Arg(4)->Unit(benchmark::kMillisecond);

void speech_moment(benchmark::State& state) {
  with_weights(state, [&] {
    const SpeechNetwork network(kShare / "weights/speech.safetensors", compute_for(state));
    const std::vector<float> mel(kSpeechWindowFrames * kSpeechBands, 0.F);
    const std::vector<float> encoded(
        static_cast<std::size_t>(kSpeechWindowFrames * network.encoded_width()));
    const std::vector<float> references(static_cast<std::size_t>(network.basis().lower.count));
    for (auto _ : state) benchmark::DoNotOptimize(network.predict(mel, encoded, 0.12F, references));
  });
}
BENCHMARK(speech_moment)->Arg(1)->Arg(2)->UseRealTime()->Unit(benchmark::kMillisecond);

/// A second of sound as EncodedSpeech lets it be heard: 42 rows with 42 before and after them.
void speech_encoder_second(benchmark::State& state) {
  with_weights(state, [&] {
    const SpeechEncoder encoder(kShare / "models/speech_encoder.safetensors");
    std::vector<float> sound(static_cast<std::size_t>(samples_of_rows(126)));
    for (std::size_t i = 0; i < sound.size(); ++i)
      sound[i] = 0.3F * std::sin(0.05F * static_cast<float>(i % 4000));
    for (auto _ : state) benchmark::DoNotOptimize(encoder.encode(sound));
  });
}
BENCHMARK(speech_encoder_second)->UseRealTime()->Unit(benchmark::kMillisecond);

void graph(benchmark::State& state, const char* name) {
  with_weights(state, [&] {
    use(compute_for(state));
    const GraphNetwork network(kShare / "models" / name);
    std::size_t size = 1;
    for (const auto side : network.input().shape) size *= static_cast<std::size_t>(side);
    const std::vector<float> picture(size, 0.1F);
    for (auto _ : state) benchmark::DoNotOptimize(network.run(picture));
  });
}
BENCHMARK_CAPTURE(graph, face_detector, "face_detector.safetensors")
    ->Arg(1)
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(graph, face_mesh, "face_mesh.safetensors")
    ->Arg(1)
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(graph, faceres, "faceres.safetensors")
    ->Arg(1)
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(graph, mobileface, "mobileface.safetensors")
    ->Arg(1)
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(graph, mobilenet_features, "mobilenet_features.safetensors")
    ->Arg(1)
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

void peak_of_one_thread(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(peak_gflops());
  state.counters["GFLOP/s"] = peak_gflops();
}
BENCHMARK(peak_of_one_thread)->Iterations(1);

}  // namespace
}  // namespace visema::bench
