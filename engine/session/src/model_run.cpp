#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "iplap_compute.h"
#include "visema/core/error.h"
#include "visema/models/ip_lap_landmark_network.h"
#include "visema/models/ip_lap_renderer_network.h"
#include "visema/models/tensor_file.h"
#include "visema/session/model.h"

namespace visema::session {
namespace {

using Shape = std::vector<std::int64_t>;
constexpr std::int64_t kAny = -1;  // 1..25

std::string text_of(const Shape& shape) {
  std::string text;
  for (const auto side : shape)
    text += (text.empty() ? "" : ",") + (side == kAny ? "1..25" : std::to_string(side));
  return '[' + text + ']';
}

Shape squeezed(Shape shape) {
  std::erase(shape, 1);
  return shape;
}

bool allows(const Shape& allowed, const Shape& shape) {
  if (allowed.front() != kAny) return squeezed(allowed) == squeezed(shape);
  const Shape rest(allowed.begin() + 1, allowed.end());
  Shape got = squeezed(shape);
  if (got == rest) return true;
  return got.size() == allowed.size() && got.front() >= 1 && got.front() <= kIpLapReferences &&
         Shape(got.begin() + 1, got.end()) == rest;
}

std::vector<float> input(const TensorFile& file, const std::string& name, const Shape& allowed) {
  const std::string full = file.contains(name) ? name : "input." + name;
  if (!file.contains(full)) {
    std::string there;
    for (const std::string& other : file.names()) there += ' ' + other;
    throw Error(ErrorCode::kInput, file.source() + ": no tensor " + name + ' ' + text_of(allowed) +
                                       "; it holds:" + there);
  }
  const Shape shape = file.get(full).shape;
  if (!allows(allowed, shape))
    throw Error(ErrorCode::kInput, file.source() + ": " + full + ' ' + text_of(shape) +
                                       ": must be " + text_of(allowed));
  return file.floats(full);
}

void run_landmarks(const ModelRunOptions& options, const Compute& compute, const TensorFile& in) {
  const auto mels = input(in, "T_mels", {5, 80, 16});
  const auto poses = input(in, "T_pose", {5, 2, 74});
  const auto reference_poses = input(in, "Nl_pose", {15, 2, 74});
  const auto reference_content = input(in, "Nl_content", {15, 2, 57});
  const IpLapLandmarkNetwork network(options.model / "landmarks.safetensors", compute);
  const auto content = network.predict({mels, poses, reference_poses, reference_content});
  write_tensor_file(options.out,
                    {{"predict_content", view_of(std::span<const float>(content), {5, 2, 57})}});
}

void run_renderer(const ModelRunOptions& options, const Compute& compute, const TensorFile& in) {
  const Shape picture = {3, kIpLapSize, kIpLapSize};
  const Shape references = {kAny, 3, kIpLapSize, kIpLapSize};
  const auto face = input(in, "face", picture);
  const auto sketches = input(in, "target_sketches", {5, 3, kIpLapSize, kIpLapSize});
  const auto pictures = input(in, "ref_img", references);
  const auto picture_sketches = input(in, "ref_sketch", references);
  const auto mel = input(in, "audio_mel", {80, 16});
  if (pictures.size() != picture_sketches.size())
    throw Error(ErrorCode::kInput, in.source() + ": ref_img and ref_sketch: must be as many");
  const IpLapRendererNetwork network(options.model / "renderer.safetensors", compute);
  std::vector<float> painted(face.size()), warped(face.size());
  network.render(network.encode_references(pictures, picture_sketches), {face, sketches, mel},
                 painted, warped);
  write_tensor_file(options.out,
                    {{"generated_face", view_of(std::span<const float>(painted), picture)},
                     {"warped_ref", view_of(std::span<const float>(warped), picture)}});
}

}  // namespace

void run_model(const ModelRunOptions& options) {
  if (options.network != "landmarks" && options.network != "renderer")
    throw Error(ErrorCode::kUsage, options.network + ": must be landmarks or renderer");
  for (const std::filesystem::path& read : {options.inputs, options.model / "landmarks.safetensors",
                                            options.model / "renderer.safetensors"}) {
    std::error_code ignored;
    if (std::filesystem::equivalent(read, options.out, ignored))
      throw Error(ErrorCode::kUsage,
                  options.out.string() + ": the output would overwrite an input");
  }
  const TensorFile in = TensorFile::open(options.inputs);
  const Compute compute = resolve_iplap(options.compute);
  if (options.network == "landmarks")
    run_landmarks(options, compute, in);
  else
    run_renderer(options, compute, in);
}

}  // namespace visema::session
