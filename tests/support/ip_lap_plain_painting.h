#pragma once

#include <filesystem>
#include <span>
#include <vector>

namespace visema::test {

struct PaintedPictures {
  std::vector<float> face, warped;  // [3, 128, 128]
};
/// Inputs as IpLapTarget and IpLapRendererNetwork::encode_references.
struct PaintingInputs {
  std::vector<float> face, sketches, mel, pictures, picture_sketches;
};
/// What the trainable formulation of the renderer paints.
PaintedPictures plain_painting(const std::filesystem::path& weights, PaintingInputs inputs);
/// What the engine's formulation paints without kernels of its own, as on other
/// devices and in other precisions.
PaintedPictures generic_painting(const std::filesystem::path& weights, PaintingInputs inputs);

}  // namespace visema::test
