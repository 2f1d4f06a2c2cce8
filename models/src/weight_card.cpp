#include "visema/models/weight_card.h"

#include "visema/core/error.h"

namespace visema {

std::map<std::string, std::string> to_metadata(const WeightCard& card) {
  return {{"network", card.network},
          {"version", card.version},
          {"config", card.config},
          {"card", card.card}};
}

WeightCard read_weight_card(const TensorFile& file, const std::string& network,
                            const std::string& version) {
  const auto value = [&](const std::string& key) {
    const auto found = file.metadata().find(key);
    return found == file.metadata().end() ? std::string() : found->second;
  };
  WeightCard card{value("network"), value("version"), value("config"), value("card")};
  if (card.network != network)
    throw Error(ErrorCode::kModel, file.source() + ": network \"" + card.network +
                                       "\" in its metadata: must be \"" + network + "\"");
  if (card.version != version)
    throw Error(ErrorCode::kModel, file.source() + ": version \"" + card.version + "\" of " +
                                       network + ": this program reads version " + version);
  if (card.config.empty()) card.config = "{}";
  if (card.card.empty()) card.card = "{}";
  return card;
}

}  // namespace visema
