// What rendering costs beside the generator: motion field, crops, generator input, compositing.
#include <benchmark/benchmark.h>

#include <filesystem>
#include <random>

#include "visema/core/error.h"
#include "visema/landmarks/canonical_face.h"
#include "visema/renderer/face_renderer.h"

namespace visema::bench {
namespace {

FaceMesh place(const FaceMesh& face, const HeadPose& pose, float opened) {
  constexpr int kLowerLip = 14;
  FaceMesh mesh = face;
  for (Point3& p : mesh) {
    const float jaw = p.y >= face[kLowerLip].y ? opened : 0;
    p = {pose.scale * p.x + pose.translation.x, pose.scale * (p.y + jaw) + pose.translation.y,
         pose.scale * p.z};
  }
  return mesh;
}

/// A picture of range(0) pixels on a side, of which the face takes the usual share.
void render_without_generator(benchmark::State& state) try {
  const auto face = CanonicalFace::load(std::filesystem::path(VISEMA_BINARY_DIR) /
                                        "share/visema/models/canonical_face.safetensors");
  const int side = static_cast<int>(state.range(0));
  Image picture(side, side);
  std::minstd_rand random(1);
  for (auto& value : picture.rgb) value = static_cast<std::uint8_t>(random() % 256);
  HeadPose pose;
  pose.scale = 0.22F * static_cast<float>(side);
  pose.translation = {0.5F * static_cast<float>(side), 0.4F * static_cast<float>(side), 0};
  const FaceMesh rest = place(face.mesh(), pose, 0);
  const FaceMesh target = place(face.mesh(), pose, 0.1F);
  const FaceReference reference{picture, rest, pose};
  FaceRenderer renderer(face.triangles(), reference, reference, reference,
                        [](std::span<const float>, std::span<float>) {});
  for (auto _ : state)
    benchmark::DoNotOptimize(renderer.render(picture, rest, target, pose).rgb.data());
} catch (const Error& error) {
  state.SkipWithError(describe(error).c_str());
}
BENCHMARK(render_without_generator)->Arg(512)->Arg(1080)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace visema::bench
