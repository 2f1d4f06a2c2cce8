#include "renderer_sizes.h"

#include <array>

#include "visema/core/error.h"

namespace visema::training {
namespace {

struct Size {
  const char* name;
  const char* config;
};

/// Full resolution is where a CPU's time goes: light is narrow there and looks at single pixels
/// first, and keeps its width further down. Large is as deep as standard, from which it grows.
constexpr std::array<Size, 3> kSizes = {{
    {"light", R"({"widths":[16,48,64,96],"blocks":[1,1,1,2],"stem":1})"},
    {"standard", R"({"widths":[32,64,96,128],"blocks":[1,1,1,2],"stem":3})"},
    {"large", R"({"widths":[48,96,160,224],"blocks":[1,1,1,2],"stem":3})"},
}};

}  // namespace

std::string renderer_config(const std::string& size) {
  std::string names;
  for (const auto& [name, config] : kSizes) {
    if (size == name) return config;
    names.append(names.empty() ? "" : ", ").append(name);
  }
  throw Error(ErrorCode::kUsage, "--size " + size + ": must be one of " + names);
}

}  // namespace visema::training
