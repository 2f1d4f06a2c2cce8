#include "live_report.h"

#include <cstdio>
#include <nlohmann/json.hpp>

#include "visema/core/version.h"

namespace visema::session {
namespace {

constexpr const char* kCut = "...";

std::string without_secrets(const std::string& target) {
  const auto scheme = target.find("://");
  if (scheme == std::string::npos) return target;
  std::string text = target;
  const auto host = scheme + 3;
  const auto user_end = text.substr(0, text.find_first_of("/?#", host)).rfind('@');
  if (user_end != std::string::npos && user_end >= host) text.erase(host, user_end + 1 - host);
  text = text.substr(0, text.find_first_of("?#", host));
  const auto key = text.rfind('/');
  if (text.starts_with("rtmp") && key >= host) text.replace(key + 1, std::string::npos, kCut);
  return text;
}

void replace_all(std::string& text, const std::string& what, const std::string& by) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size()))
    text.replace(at, what.size(), by);
}

}  // namespace

const char* name_of(LiveOutputStatistics::State state) {
  using State = LiveOutputStatistics::State;
  switch (state) {
    case State::kConnecting:
      return "connecting";
    case State::kLive:
      return "live";
    case State::kLost:
      return "lost";
    case State::kEnded:
      return "ended";
  }
  return "";
}

nlohmann::ordered_json json_of(const LiveReport& report) {
  nlohmann::ordered_json json;
  json["frames"] = report.frames;
  json["fps"] = to_string(report.fps);
  json["rendered"] = report.rendered;
  json["repeated"] = report.repeated;
  json["late"] = report.late;
  json["dropped"] = report.dropped;
  json["seconds"] = report.seconds;
  json["wall_seconds"] = report.wall_seconds;
  json["pictures_waiting"] = report.pictures_waiting;
  json["input"] = {{"gaps", report.gaps},
                   {"silent_seconds", report.silent_seconds},
                   {"buffered_seconds", report.buffered_seconds},
                   {"left_out_seconds", report.left_out_seconds},
                   {"utterances_waiting", report.utterances_waiting},
                   {"speaking", report.speaking},
                   {"paused", report.paused},
                   {"connections", report.connections},
                   {"problem", report.input_problem}};
  json["latency_ms"] = nlohmann::ordered_json::object();
  for (const auto& [name, latency] : report.latencies)
    json["latency_ms"][name] = {{"count", latency.count},
                                {"p50", latency.p50_ms},
                                {"p95", latency.p95_ms},
                                {"p99", latency.p99_ms},
                                {"most", latency.most_ms}};
  json["outputs"] = nlohmann::ordered_json::array();
  for (const auto& output : report.outputs)
    json["outputs"].push_back({{"target", output.target},
                               {"state", name_of(output.statistics.state)},
                               {"frames_sent", output.statistics.frames_sent},
                               {"frames_dropped", output.statistics.frames_dropped},
                               {"reconnects", output.statistics.reconnects},
                               {"bytes", output.statistics.bytes},
                               {"queued", output.statistics.queued},
                               {"last_error", output.statistics.last_error}});
  json["priority"] = {{"sound", report.sound_priority},
                      {"pictures", report.picture_priority},
                      {"refusal", report.priority_refusal}};
  json["width"] = report.width;
  json["height"] = report.height;
  json["sound_rate_hz"] = report.sound_rate_hz;
  json["sound_channels"] = report.sound_channels;
  json["device"] = report.device;
  json["precision"] = report.precision;
  json["threads"] = report.threads;
  json["peak_rss_bytes"] = report.peak_rss_bytes;
  json["interrupted"] = report.interrupted;
  json["version"] = kVersion;
  return json;
}

LiveReport without_secrets(LiveReport report) {
  std::map<std::string, int> times;
  for (auto& output : report.outputs) {
    std::string target = without_secrets(output.target);
    if (target != output.target) replace_all(output.statistics.last_error, output.target, target);
    const int number = ++times[target];
    output.target = target + (number > 1 ? " #" + std::to_string(number) : "");
  }
  return report;
}

std::string without_secrets(std::string text, const std::vector<std::string>& targets) {
  for (const std::string& target : targets)
    if (const std::string cut = without_secrets(target); cut != target)
      replace_all(text, target, cut);
  return text;
}

std::string to_json(const LiveReport& report) {
  return json_of(report).dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

std::string status_line(const LiveReport& report) {
  const auto latency = [&](const char* name) {
    const auto found = report.latencies.find(name);
    return found == report.latencies.end() ? 0 : found->second.p95_ms;
  };
  std::size_t live = 0;
  for (const auto& output : report.outputs)
    live += output.statistics.state == LiveOutputStatistics::State::kLive ? 1 : 0;
  char text[200];
  std::snprintf(text, sizeof text,
                "live %.0f s, %s, %lld frames, %lld repeated, %lld gaps, render %.0f ms, "
                "delay %.0f ms, %zu of %zu outputs",
                report.seconds,
                report.paused     ? "paused"
                : report.speaking ? "speaking"
                                  : "idle",
                static_cast<long long>(report.frames), static_cast<long long>(report.repeated),
                static_cast<long long>(report.gaps), latency("render"), latency("delay"), live,
                report.outputs.size());
  return text;
}

}  // namespace visema::session
