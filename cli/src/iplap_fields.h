#pragma once

#include <string>
#include <vector>

#include "visema/core/config_fields.h"
#include "visema/session/render.h"

namespace visema::cli {

/// --model, --references, --crop-margin.
void add_iplap(ConfigFields& fields, const std::string& section, session::IplapOptions& options);

/// Options that have no meaning with or without a model. `prefix` stands before their names: "--".
std::vector<std::string> iplap_problems(const session::RenderOptions& options,
                                        const std::string& prefix);

}  // namespace visema::cli
