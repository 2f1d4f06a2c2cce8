#include <nlohmann/json.hpp>

#include "visema/core/version.h"
#include "visema/session/render.h"

namespace visema::session {

std::string to_json(const RenderReport& report) {
  nlohmann::ordered_json json;
  json["frames"] = report.frames;
  json["fps"] = to_string(report.fps);
  json["audio_seconds"] = report.audio_seconds;
  json["wall_seconds"] = report.wall_seconds;
  json["realtime_factor"] = report.realtime_factor;
  json["peak_rss_bytes"] = report.peak_rss_bytes;
  json["device"] = report.device;
  json["precision"] = report.precision;
  json["threads"] = report.threads;
  json["stages"] = nlohmann::ordered_json::object();
  for (const auto& [name, stage] : report.stages)
    json["stages"][name] = {{"seconds", stage.seconds}, {"items", stage.items}};
  json["source"] = {{"width", report.source_width},
                    {"height", report.source_height},
                    {"frames", report.source_frames},
                    {"frames_without_face", report.source_frames_without_face}};
  json["model"] = {{"name", report.model_name},
                   {"version", report.model_version},
                   {"sha256", report.model_sha256}};
  json["interrupted"] = report.interrupted;
  json["version"] = kVersion;
  return json.dump(2) + "\n";
}

}  // namespace visema::session
