#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "graph_format.h"

namespace visema {

/// Turns a TFLite network (float weights, one input, one subgraph) into our graph.
/// Throws Error(kModel) for an operation or option that it does not know.
Graph convert_tflite(std::span<const std::byte> flatbuffer, const std::string& name);

}  // namespace visema
