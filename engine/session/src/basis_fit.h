#pragma once

#include <filesystem>
#include <vector>

#include "pack_writer.h"
#include "visema/session/render.h"

namespace visema::session {

/// Fits the articulation basis on the clips of the training split and writes it.
void fit_basis(const std::vector<ClipData>& clips, const ModelPaths& models,
               const std::filesystem::path& out);

}  // namespace visema::session
