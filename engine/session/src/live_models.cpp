#include "live_models.h"

#include "model_files.h"
#include "visema/models/compute.h"

namespace visema::session {

ModelPaths live_models(ModelPaths models, const ComputeOptions& compute, LivePace pace,
                       const LogSink& log) {
  if (pace == LivePace::kOff) return models;
  models.look_ahead = LookAhead::kShort;
  if (models.quality) return models;
  const Compute resolved = resolve({compute.device, compute.precision, compute.threads});
  if (resolved.device != Device::kCpu || resolved.threads > 1) return models;
  ModelPaths light = models;
  light.quality = Quality::kLight;
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(light.weights / generator_name(light), ignored))
    return models;
  if (log)
    log(LogLevel::kInfo,
        "one thread: the light generator paints; --quality standard is the slower one");
  return light;
}

}  // namespace visema::session
