#pragma once

#include <map>
#include <string>

#include "visema/models/tensor_file.h"

namespace visema {

/// What a weight file says of itself: keys network, version, config and card of its metadata.
struct WeightCard {
  std::string network;  // "visema-speech"
  std::string version;  // of the network's layout; a reader refuses all but its own
  std::string config;   // JSON object, the network's dimensions
  std::string card;     // JSON object: training data, command, pack sha256, steps, quality
};

std::map<std::string, std::string> to_metadata(const WeightCard& card);

/// Throws Error(kModel) naming the file when it is not this network in this version.
WeightCard read_weight_card(const TensorFile& file, const std::string& network,
                            const std::string& version);

}  // namespace visema
