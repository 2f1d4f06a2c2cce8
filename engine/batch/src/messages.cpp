#include "messages.h"

#include "result_json.h"

namespace visema::batch {
namespace {

using nlohmann::ordered_json;

std::string text_of(const ordered_json& json) {
  // Texts of libraries need not be UTF-8.
  return json.dump(-1, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

ordered_json json_of(const Progress& progress) {
  return {{"progress", progress.part}};
}
ordered_json json_of(const Warning& warning) {
  return {{"warning", warning.text}};
}
ordered_json json_of(const Finished& finished) {
  return {{"finished", json_of(finished.result)},
          {"enrolled", finished.enrolled},
          {"painted", finished.painted.pictures},
          {"paint_calls", finished.painted.calls}};
}
ordered_json json_of(const Failed& failed) {
  return {{"failed", failed.error}, {"code", failed.code}};
}

}  // namespace

std::string line_of(const WorkOrder& order) {
  return text_of({{"id", order.id},
                  {"options", order.options},
                  {"out", order.out},
                  {"out_dir", order.out_dir},
                  {"key", order.key},
                  {"face_sha256", order.face_sha256},
                  {"sound_sha256", order.sound_sha256},
                  {"cache", order.cache},
                  {"cache_bytes", order.cache_bytes},
                  {"evaluate", order.evaluate},
                  {"requirements", order.requirements},
                  {"painter", order.painter.address},
                  {"painter_on_cpu", order.painter.on_cpu}});
}

WorkOrder order_of(const std::string& line) {
  const auto json = ordered_json::parse(line);
  WorkOrder order;
  json.at("id").get_to(order.id);
  json.at("options").get_to(order.options);
  json.at("out").get_to(order.out);
  json.at("out_dir").get_to(order.out_dir);
  json.at("key").get_to(order.key);
  json.at("face_sha256").get_to(order.face_sha256);
  json.at("sound_sha256").get_to(order.sound_sha256);
  json.at("cache").get_to(order.cache);
  json.at("cache_bytes").get_to(order.cache_bytes);
  json.at("evaluate").get_to(order.evaluate);
  json.at("requirements").get_to(order.requirements);
  json.at("painter").get_to(order.painter.address);
  json.at("painter_on_cpu").get_to(order.painter.on_cpu);
  return order;
}

std::string line_of(const WorkerMessage& message) {
  return std::visit([](const auto& one) { return text_of(json_of(one)); }, message);
}

WorkerMessage message_of(const std::string& line) {
  const auto json = ordered_json::parse(line);
  if (json.contains("progress")) return Progress{json.at("progress").get<double>()};
  if (json.contains("warning")) return Warning{json.at("warning").get<std::string>()};
  if (json.contains("failed"))
    return Failed{json.at("code").get<int>(), json.at("failed").get<std::string>()};
  return Finished{result_of(json.at("finished")),
                  json.at("enrolled").get<bool>(),
                  {json.at("painted").get<std::int64_t>(), json.at("paint_calls").get<double>()}};
}

}  // namespace visema::batch
