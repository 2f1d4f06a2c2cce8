#pragma once

#include <string>
#include <vector>

#include "visema/core/config_fields.h"
#include "visema/session/render.h"

namespace visema::cli {

inline constexpr const char* kDefaultPreset = "veryfast";

/// source, avatar, audio, out.
void add_render_files(ConfigFields& fields, const std::string& section,
                      session::RenderOptions& options);
/// Every other option of a rendering; an empty preset becomes the default one.
void add_render_style(ConfigFields& fields, const std::string& section,
                      session::RenderOptions& options);

/// Everything that is wrong with the options together. `prefix` stands before their names: "--".
std::vector<std::string> render_problems(const session::RenderOptions& options,
                                         const std::string& prefix);

}  // namespace visema::cli
