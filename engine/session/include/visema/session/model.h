#pragma once

#include <filesystem>
#include <string>

#include "visema/session/render.h"

namespace visema::session {

/// The tensors of a .safetensors file, of an .avatar or of a checkpoint of torch.save: name, dtype,
/// shape and bytes of each, and the card where there is one; of an avatar also the card of the
/// generator that was adapted to it; for people or as JSON. Throws Error: kInput,
/// kModel.
std::string inspect_model(const std::filesystem::path& file, bool json);

struct ModelRunOptions {
  std::filesystem::path model;        // folder that `visema import ip-lap` wrote
  std::string network = "landmarks";  // or renderer
  std::filesystem::path inputs;       // safetensors
  std::filesystem::path out;          // safetensors
  ComputeOptions compute;
};

/// Feeds named tensors through a network of IP-LAP. landmarks: T_mels [5,80,16], T_pose [5,2,74],
/// Nl_pose [15,2,74], Nl_content [15,2,57] -> predict_content [5,2,57]; renderer: face
/// [3,128,128], target_sketches [5,3,128,128], ref_img and ref_sketch [N,3,128,128], audio_mel
/// [80,16] -> generated_face and warped_ref [3,128,128]. Sides of 1 and a prefix "input." of the
/// names do not matter. Throws Error that names the tensor and says what is allowed.
void run_model(const ModelRunOptions& options);

}  // namespace visema::session
