#pragma once

#include <string>

namespace visema::training {

/// Configuration of the generator of that size, as JSON: light, standard or large. Throws
/// Error(kUsage) that names the sizes.
std::string renderer_config(const std::string& size);

}  // namespace visema::training
