#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "visema/models/tensor_file.h"

namespace visema {

struct GraphConstant {
  std::vector<std::int64_t> shape;
  std::vector<float> values;
  bool half = false;  // exact in binary16; written so
};

/// One step. Kinds and their options, shapes in NHWC unless said otherwise:
///   conv2d        weight (OIHW), [bias], stride [h,w], pad [top,bottom,left,right], groups
///   add           of two values of one picture size; the first may have fewer channels (zeros
///                 follow)
///   multiply      of two values of one shape; the second may have one pixel
///   scale         by a constant `factor`, broadcast from the right
///   activation
///   max_pool      kernel [h,w], stride [h,w], pad as conv2d
///   pad           zeros, `amount` [[before,after] for n,h,w,c]
///   reshape       `shape` without the batch
///   concat        `axis`
///   mean_hw       to [n,c], with `keep` to [n,1,1,c]
///   resize        bilinear, to `size` [h,w]
///   depth_to_space  a block of side x side pixels from as many channels (first the block's, then
///                 the result's channel counts)
///   linear        weight [out,in], bias
///   landmarks_to_matrix, crop_bilinear, transform_points: see graph_crop_torch.cpp
/// conv2d, add, linear and activation take `activation`: relu, relu6, sigmoid, softmax or prelu
/// with a constant `alpha` per channel.
struct GraphOp {
  std::string kind;
  std::vector<std::string> inputs;
  std::string output;
  nlohmann::json options = nlohmann::json::object();
};

struct GraphPort {
  std::string name;
  std::string value;
  std::vector<std::int64_t> shape;
};

struct Graph {
  GraphPort input;
  std::vector<GraphPort> outputs;
  std::vector<GraphOp> ops;  // in an order in which they can run
  std::map<std::string, GraphConstant> constants;
};

/// Removes what no output needs and merges activations and channel padding into the op before them.
void simplify(Graph& graph);

void write_graph(const std::filesystem::path& path, const Graph& graph,
                 std::map<std::string, std::string> metadata);
/// Throws Error(kModel) when the file holds no graph; op options are checked by who runs them.
Graph read_graph(const TensorFile& file);

}  // namespace visema
