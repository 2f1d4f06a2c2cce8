#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "visema/core/version.h"
#include "visema/evaluation/measures.h"
#include "visema/evaluation/report_writers.h"
#include "visema/evaluation/sync_score.h"

namespace visema {
namespace {

using Json = nlohmann::ordered_json;

Json number(std::optional<double> value) {
  return value && std::isfinite(*value) ? Json(*value) : Json(nullptr);
}

Json numbers(const std::vector<float>& values) {
  Json list = Json::array();
  // Four decimals are more than any curve is exact to.
  for (const float v : values)
    list.push_back(std::isfinite(v) ? Json(std::round(static_cast<double>(v) * 1e4) / 1e4)
                                    : Json(nullptr));
  return list;
}

Json numbers(const std::vector<double>& values) {
  Json list = Json::array();
  for (const double v : values) list.push_back(number(v));
  return list;
}

Json to_json(const EvaluatedVideo& video) {
  return {{"path", video.path},
          {"width", video.width},
          {"height", video.height},
          {"fps", number(video.fps)},
          {"duration_s", number(video.duration_s)},
          {"frames", video.frames},
          {"frames_without_face", video.frames_without_face}};
}

Json to_json(const Curve& curve) {
  return {{"time_s", numbers(curve.time_s)}, {"value", numbers(curve.value)}};
}

Json figures_of(const EvaluationReport& report) {
  Json groups = Json::object();
  for (const Figure& figure : report.figures) {
    const std::size_t point = figure.name.find('.');
    Json& entry = groups[figure.name.substr(0, point)][figure.name.substr(point + 1)];
    entry = {{"value", number(figure.value)}, {"real", number(figure.real)}};
    if (const MeasureInfo* info = find_measure(figure.name)) entry["unit"] = info->unit;
    if (!figure.why.empty()) entry["why"] = figure.why;
  }
  return groups;
}

Json requirements_of(const EvaluationReport& report) {
  Json list = Json::array();
  for (const Requirement& r : report.requirements)
    list.push_back({{"expression", r.expression},
                    {"measure", r.measure},
                    {"value", number(r.value)},
                    {"holds", r.holds},
                    {"message", r.message}});
  return list;
}

Json summary_of(const EvaluationReport& report) {
  Json json;
  json["video"] = to_json(report.video);
  json["reference"] = report.reference ? to_json(*report.reference) : Json(nullptr);
  if (!report.error.empty()) json["error"] = report.error;
  json["source"] = report.source;
  json["figures"] = figures_of(report);
  json["warnings"] = report.warnings;
  json["requirements"] = requirements_of(report);
  return json;
}

std::string text_of(const Json& json) {
  return json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace

std::string evaluation_json(const EvaluationReport& report) {
  Json json = {{"schema", kEvaluationSchema}, {"visema", kVersion}};
  json.update(summary_of(report));
  json["curves"] = {{"openness", to_json(report.openness)},
                    {"openness_real", to_json(report.openness_real)},
                    {"loudness", to_json(report.loudness)},
                    {"speech", to_json(report.speech)},
                    {"sync_offset_frames", to_json(report.offset)},
                    {"identity", to_json(report.identity)}};
  json["sync_distance_by_shift"] = {{"first_shift_frames", -kSyncShifts},
                                    {"video", numbers(report.sync_distance)},
                                    {"real", numbers(report.sync_distance_real)}};
  json["networks"] = report.networks;
  json["wall_seconds"] = number(report.wall_seconds);
  return text_of(json);
}

std::string evaluation_table_json(std::span<const EvaluationReport> reports) {
  Json json = {{"schema", kEvaluationSchema}, {"visema", kVersion}};
  json["videos"] = Json::array();
  for (const EvaluationReport& report : reports) json["videos"].push_back(summary_of(report));
  json["mean"] = Json::object();
  json["median"] = Json::object();
  json["real_mean"] = Json::object();
  for (const MeasureInfo& m : measures()) {
    const std::string name(m.name);
    if (const auto mean = mean_of(reports, name)) json["mean"][name] = number(mean);
    if (const auto median = median_of(reports, name)) json["median"][name] = number(median);
    if (const auto real = real_mean_of(reports, name)) json["real_mean"][name] = number(real);
  }
  const auto judged = std::find_if(reports.begin(), reports.end(),
                                   [](const auto& report) { return !report.networks.empty(); });
  json["networks"] = judged != reports.end() ? Json(judged->networks) : Json::object();
  return text_of(json);
}

}  // namespace visema
