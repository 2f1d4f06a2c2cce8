#include "painter_messages.h"

#include <nlohmann/json.hpp>

#include "visema/session/painter.h"

namespace visema::session {
namespace {

using nlohmann::json;

std::string dump(const json& value) {
  // Texts of libraries need not be UTF-8.
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

json answer_in(const std::string& text) {
  json answer = json::parse(text);
  if (!answer.contains("refused")) return answer;
  const auto why = answer.at("refused").get<std::string>();
  if (answer.at("ending").get<bool>()) throw PainterLost("the painter ended: " + why);
  throw Error(static_cast<ErrorCode>(answer.at("code").get<int>()), why);
}

}  // namespace

std::string text_of(const GeneratorOrder& order) {
  return dump({{"weights", order.weights.string()},
               {"bytes", order.bytes},
               {"name", order.name},
               {"device", order.device},
               {"precision", order.precision}});
}

std::string text_of(const GeneratorInfo& info) {
  return dump({{"name", info.name},
               {"version", info.version},
               {"sha256", info.sha256},
               {"card", info.card},
               {"config", info.config},
               {"gflop", info.gflop}});
}

std::string text_of(const PaintedTogether& painted) {
  return dump({{"painted", painted.pictures}});
}

std::string text_of(const Refusal& refusal) {
  return dump({{"refused", refusal.text}, {"code", refusal.code}, {"ending", refusal.ending}});
}

GeneratorOrder order_of(const std::string& text) {
  const json value = json::parse(text);
  GeneratorOrder order;
  order.weights = value.at("weights").get<std::string>();
  value.at("bytes").get_to(order.bytes);
  value.at("name").get_to(order.name);
  value.at("device").get_to(order.device);
  value.at("precision").get_to(order.precision);
  return order;
}

GeneratorInfo info_of(const std::string& text) {
  const json value = answer_in(text);
  GeneratorInfo info;
  value.at("name").get_to(info.name);
  value.at("version").get_to(info.version);
  value.at("sha256").get_to(info.sha256);
  value.at("card").get_to(info.card);
  value.at("config").get_to(info.config);
  value.at("gflop").get_to(info.gflop);
  return info;
}

PaintedTogether painted_of(const std::string& text) {
  return {answer_in(text).at("painted").get<int>()};
}

}  // namespace visema::session
