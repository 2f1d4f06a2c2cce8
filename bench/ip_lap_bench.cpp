// The renderer of IP-LAP as it is written down and as the engine runs it, and the default network.
#include <benchmark/benchmark.h>
#include <torch/torch.h>
#include <unistd.h>

#include <filesystem>
#include <vector>

#include "ip_lap_formula.h"
#include "ip_lap_plain.h"
#include "visema/core/error.h"
#include "visema/models/generator_network.h"
#include "visema/models/ip_lap_renderer_network.h"

namespace visema::bench {
namespace {

constexpr std::size_t kPicture = 3 * 128 * 128;
constexpr int kThreads = 2;
constexpr double kTolerance = 1e-4;

/// Weights in a file that goes with the program.
const std::filesystem::path& weights() {
  static const struct Made {
    Made()
        : path(std::filesystem::temp_directory_path() /
               ("visema-ip-lap-bench-" + std::to_string(::getpid()) + ".safetensors")) {
      write_formula_weights(ip_lap_renderer_tensors(),
                            {kIpLapRendererName, kIpLapRendererVersion, "{}", "{}"}, path);
    }
    ~Made() { std::filesystem::remove(path); }
    std::filesystem::path path;
  } kMade;
  return kMade.path;
}

struct Inputs {
  explicit Inputs(std::size_t count)
      : pictures(formula_input("ref_img", count * kPicture, 0, 1)),
        sketches(formula_input("ref_sketch", count * kPicture, 0, 1)) {}
  std::vector<float> face = formula_input("face", kPicture, 0, 1);
  std::vector<float> target = formula_input("target_sketches", 5 * kPicture, 0, 1);
  std::vector<float> mel = formula_input("audio_mel", 80 * 16, -4, 4);
  std::vector<float> pictures, sketches;
};

std::vector<float> paint_plain(const IpLapPlainRenderer& plain, Inputs& in) {
  const auto view = [](std::vector<float>& values, std::vector<std::int64_t> shape) {
    return torch::from_blob(values.data(), shape);
  };
  const auto count = static_cast<std::int64_t>(in.pictures.size() / kPicture);
  const torch::Tensor face =
      plain
          .paint(view(in.face, {1, 3, 128, 128}), view(in.target, {1, 5, 3, 128, 128}),
                 view(in.pictures, {count, 3, 128, 128}), view(in.sketches, {count, 3, 128, 128}),
                 view(in.mel, {1, 1, 80, 16}))
          .face.contiguous();
  return {face.data_ptr<float>(), face.data_ptr<float>() + kPicture};
}

void ip_lap_plain(benchmark::State& state) {
  at::set_num_threads(kThreads);
  const IpLapPlainRenderer plain(TensorFile::open(weights()));
  Inputs in(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) benchmark::DoNotOptimize(paint_plain(plain, in));
}
BENCHMARK(ip_lap_plain)->Arg(3)->Arg(25)->UseRealTime()->Unit(benchmark::kMillisecond);

void ip_lap(benchmark::State& state, const char* precision) {
  const IpLapRendererNetwork network(weights(), resolve({"cpu", precision, kThreads}));
  Inputs in(static_cast<std::size_t>(state.range(0)));
  const IpLapReferences references = network.encode_references(in.pictures, in.sketches);
  std::vector<float> picture(kPicture);
  for (auto _ : state) network.render(references, {in.face, in.target, in.mel}, picture);
  if (state.range(0) != 3) return;
  const auto expected = paint_plain(IpLapPlainRenderer(TensorFile::open(weights())), in);
  double most = 0;
  for (std::size_t i = 0; i < kPicture; ++i)
    most = std::max<double>(most, std::abs(picture[i] - expected[i]));
  state.counters["largest_error"] = most;
  if (std::string(precision) == "fp32" && most > kTolerance)
    state.SkipWithError("differs from the plain formulation");
}
BENCHMARK_CAPTURE(ip_lap, fp32, "fp32")
    ->Arg(3)
    ->Arg(9)
    ->Arg(25)
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(ip_lap, bf16, "bf16")->Arg(3)->UseRealTime()->Unit(benchmark::kMillisecond);

void visema_generator(benchmark::State& state) try {
  const std::filesystem::path share = VISEMA_BINARY_DIR "/share/visema";
  const GeneratorNetwork network(share / "weights/renderer.safetensors",
                                 resolve({"cpu", "fp32", kThreads}));
  const std::vector<float> planes(GeneratorNetwork::kInputPlanes * 192 * 192, 0.5F);
  std::vector<float> result(GeneratorNetwork::kOutputPlanes * 192 * 192);
  for (auto _ : state) network.run(planes, result);
} catch (const Error& error) {
  state.SkipWithError(describe(error).c_str());
}
BENCHMARK(visema_generator)->UseRealTime()->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace visema::bench
