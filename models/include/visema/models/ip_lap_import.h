#pragma once

#include <filesystem>

namespace visema {

/// Converts what the authors of IP-LAP (Zhong et al. 2023) published, checkpoints of torch.save, to
/// weight files of ours: folder/landmarks.safetensors and folder/renderer.safetensors. Both are
/// read and checked before either is written. Throws Error(kModel) that names the file and lists
/// every tensor that is missing, too much or of another shape; kInput, kOutput.
void import_ip_lap(const std::filesystem::path& landmarks, const std::filesystem::path& renderer,
                   const std::filesystem::path& folder);

}  // namespace visema
