#include "result_json.h"

namespace visema::batch {

using nlohmann::ordered_json;

ordered_json json_of(const JobResult& result) {
  return {{"output_sha256", result.output_sha256},
          {"output_bytes", result.output_bytes},
          {"frames", result.frames},
          {"sound_seconds", result.sound_seconds},
          {"render_seconds", result.render_seconds},
          {"model_version", result.model_version},
          {"model_sha256", result.model_sha256},
          {"measures", result.measures}};
}

JobResult result_of(const ordered_json& json) {
  JobResult result;
  json.at("output_sha256").get_to(result.output_sha256);
  json.at("output_bytes").get_to(result.output_bytes);
  json.at("frames").get_to(result.frames);
  json.at("sound_seconds").get_to(result.sound_seconds);
  json.at("render_seconds").get_to(result.render_seconds);
  json.at("model_version").get_to(result.model_version);
  json.at("model_sha256").get_to(result.model_sha256);
  json.at("measures").get_to(result.measures);
  return result;
}

}  // namespace visema::batch
