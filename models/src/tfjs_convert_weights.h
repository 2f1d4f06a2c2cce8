#pragma once

#include <array>
#include <cstddef>
#include <map>
#include <nlohmann/json.hpp>
#include <span>
#include <string>

#include "graph_format.h"

namespace visema {

using TfjsWeights = std::map<std::string, GraphConstant>;

/// Bytes of text in base64 up to the first character that does not belong to it.
std::string decode_base64(const std::string& text);

/// Reads the weights of one group of a manifest: float32, int32, and float32 kept as float16 or
/// uint8. Throws Error(kModel) with `source` when they do not fill the bytes exactly.
void read_tfjs_weights(const nlohmann::json& group, std::span<const std::byte> bytes,
                       const std::string& source, TfjsWeights& weights);

/// A kernel of TensorFlow as the graph format wants it: HWIO (depthwise HWC1) to OIHW.
GraphConstant oihw_kernel(const GraphConstant& from, bool depthwise);

/// HWOI of a transposed convolution whose pixels do not overlap to the 1x1 kernel that makes each
/// pixel's block as channels, see depth_to_space.
GraphConstant enlarging_kernel(const GraphConstant& from);

struct ConvolutionSize {
  std::array<std::int64_t, 2> out;  // height, width
  std::array<std::int64_t, 4> pad;  // top, bottom, left, right
};
/// Of a picture [1,h,w,c] under a kernel in OIHW. `same` is TensorFlow's padding SAME, else `pad`
/// holds.
ConvolutionSize convolution_size(const std::vector<std::int64_t>& picture,
                                 const GraphConstant& kernel, std::array<std::int64_t, 2> stride,
                                 bool same, const std::array<std::int64_t, 4>& pad);

/// Multiplies what a convolution or matrix gives by one number a channel (or one for all), or adds
/// them.
void fold_factor(Graph& graph, GraphOp& op, const std::vector<float>& by);
void fold_term(Graph& graph, GraphOp& op, const std::vector<float>& by);

}  // namespace visema
