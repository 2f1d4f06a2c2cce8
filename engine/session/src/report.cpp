#include <nlohmann/json.hpp>

#include "visema/core/version.h"
#include "visema/session/render.h"

namespace visema::session {
namespace {

nlohmann::ordered_json json_of(const AdaptFigures& figures) {
  return {{"l1", figures.l1},
          {"mouth_l1", figures.mouth_l1},
          {"psnr_db", figures.psnr_db},
          {"sharpness", figures.sharpness}};
}

}  // namespace

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
                    {"frames_without_face", report.source_frames_without_face},
                    {"frames_covered", report.source_frames_covered}};
  json["model"] = {{"name", report.model_name},
                   {"version", report.model_version},
                   {"sha256", report.model_sha256},
                   {"adapted", report.model_adapted}};
  json["interrupted"] = report.interrupted;
  json["version"] = kVersion;
  return json.dump(2) + "\n";
}

std::string to_json(const EnrollReport& report) {
  nlohmann::ordered_json json;
  json["frames"] = report.frames;
  json["frames_without_face"] = report.frames_without_face;
  json["frames_covered"] = report.frames_covered;
  json["references"] = report.references;
  json["wall_seconds"] = report.wall_seconds;
  if (const auto& adapt = report.adapt)
    json["adapt"] = {{"kept", adapt->kept},
                     {"learning_frames", adapt->learning_frames},
                     {"held_out_frames", adapt->held_out_frames},
                     {"steps", adapt->steps},
                     {"minutes", adapt->minutes},
                     {"bytes", adapt->bytes},
                     {"before", json_of(adapt->before)},
                     {"after", json_of(adapt->after)}};
  json["version"] = kVersion;
  return json.dump(2) + "\n";
}

}  // namespace visema::session
