// The renderer of IP-LAP as it is written down and as the engine runs it, and the default network;
// its landmark generator and the default speech network.
#include <benchmark/benchmark.h>
#include <torch/torch.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <vector>

#include "ip_lap_formula.h"
#include "ip_lap_plain_renderer_torch.h"
#include "visema/core/error.h"
#include "visema/models/generator_network.h"
#include "visema/models/ip_lap_landmark_network.h"
#include "visema/models/ip_lap_renderer_network.h"
#include "visema/models/speech_network.h"

namespace visema::bench {
namespace {

constexpr std::size_t kPicture = 3 * 128 * 128;
constexpr int kThreads = 2;
constexpr double kTolerance = 1e-4;

/// Weights in a file that goes with the program.
class MadeWeights {
 public:
  MadeWeights(const std::vector<IpLapTensor>& layout, const char* network, const char* version)
      : path_(std::filesystem::temp_directory_path() /
              ("visema-bench-" + std::to_string(::getpid()) + "-" + network + ".safetensors")) {
    write_formula_weights(layout, {network, version, "{}", "{}"}, path_);
  }
  ~MadeWeights() { std::filesystem::remove(path_); }
  MadeWeights(const MadeWeights&) = delete;
  MadeWeights& operator=(const MadeWeights&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

const std::filesystem::path& weights() {
  static const MadeWeights kMade(ip_lap_renderer_tensors(), kIpLapRendererName,
                                 kIpLapRendererVersion);
  return kMade.path();
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
  const c10::InferenceMode inference;
  const auto view = [](std::vector<float>& values, std::vector<std::int64_t> shape) {
    return torch::from_blob(values.data(), shape);
  };
  const auto count = static_cast<std::int64_t>(in.pictures.size() / kPicture);
  const torch::Tensor face =
      plain
          .paint({view(in.face, {1, 3, 128, 128}), view(in.target, {1, 5, 3, 128, 128}),
                  view(in.pictures, {1, count, 3, 128, 128}),
                  view(in.sketches, {1, count, 3, 128, 128}), view(in.mel, {1, 80, 16})})
          .face.contiguous();
  return {face.data_ptr<float>(), face.data_ptr<float>() + kPicture};
}

const IpLapWeights& loaded_weights() {
  static const auto kLoaded = [] {
    auto loaded = std::make_shared<IpLapWeights>(ip_lap_renderer_tensors());
    loaded->load(TensorFile::open(weights()));
    loaded->eval();
    return loaded;
  }();
  return *kLoaded;
}

void ip_lap_plain(benchmark::State& state) {
  at::set_num_threads(kThreads);
  const IpLapPlainRenderer plain(loaded_weights());
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
  const auto expected = paint_plain(IpLapPlainRenderer(loaded_weights()), in);
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

void ip_lap_landmarks(benchmark::State& state) {
  const MadeWeights made(ip_lap_landmark_tensors(), kIpLapLandmarksName, kIpLapLandmarksVersion);
  const IpLapLandmarkNetwork network(made.path(), resolve({"cpu", "fp32", 1}));
  const std::vector<float> mels = formula_input("T_mels", 5 * 80 * 16, -4, 4),
                           poses = formula_input("T_pose", 5 * 2 * 74, 0, 1),
                           reference_poses = formula_input("Nl_pose", 15 * 2 * 74, 0, 1),
                           reference_content = formula_input("Nl_content", 15 * 2 * 57, 0, 1);
  for (auto _ : state)
    benchmark::DoNotOptimize(network.predict({mels, poses, reference_poses, reference_content}));
}
BENCHMARK(ip_lap_landmarks)->UseRealTime()->Unit(benchmark::kMillisecond);

void visema_speech(benchmark::State& state) try {
  const std::filesystem::path share = VISEMA_BINARY_DIR "/share/visema";
  const SpeechNetwork network(share / "weights/speech.safetensors", resolve({"cpu", "fp32", 1}));
  const std::vector<float> mel(kSpeechWindowFrames * kSpeechBands, 0.F);
  const std::vector<float> encoded(
      static_cast<std::size_t>(kSpeechWindowFrames * network.encoded_width()));
  const std::vector<float> references(
      static_cast<std::size_t>(kSpeechReferences * network.basis().lower.count));
  for (auto _ : state) benchmark::DoNotOptimize(network.predict(mel, encoded, 0.12F, references));
} catch (const Error& error) {
  state.SkipWithError(describe(error).c_str());
}
BENCHMARK(visema_speech)->UseRealTime()->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace visema::bench
