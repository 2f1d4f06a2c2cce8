#include "job_work.h"

#include <chrono>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <system_error>

#include "durable.h"
#include "paths.h"
#include "receipt.h"
#include "steady_file.h"
#include "visema/batch/avatar_cache.h"
#include "visema/core/error.h"
#include "visema/core/sha256.h"
#include "visema/core/version.h"

namespace visema::batch {
namespace {

using session::RenderOptions;
using std::filesystem::path;

std::string sha256_of(const std::string& text) {
  return sha256_hex(std::as_bytes(std::span(text)));
}

session::EnrollOptions enrolment_of(const RenderOptions& options, const path& out) {
  session::EnrollOptions enroll;
  enroll.source = options.source;
  enroll.out = out;
  enroll.face = options.face;
  enroll.face_index = options.face_index;
  enroll.occlusion = options.occlusion;
  enroll.style = options.style;
  enroll.compute = options.compute;
  enroll.models = options.models;
  return enroll;
}

/// The source's avatar out of the cache, enrolled first when it is not there.
AvatarCache::Lease avatar_of(const WorkOrder& order, const RenderOptions& options,
                             const WorkerTools& tools, const LogSink& log) {
  const std::string key = sha256_of(order.face_sha256 + order.options.at("face") +
                                    order.options.at("occlusion") + order.options.at("style") +
                                    tools.engine.enroll_models_sha256(options.models) + kVersion);
  return AvatarCache(order.cache, order.cache_bytes).lease(key, [&](const path& out) {
    const SteadyFile source(options.source, order.face_sha256);
    tools.engine.enroll(enrolment_of(options, out), {}, log, tools.stop);
    source.check();
  });
}

/// Nothing where the cache cannot be written: then the job enrols for itself.
std::optional<AvatarCache::Lease> cached_avatar(const WorkOrder& order,
                                                const RenderOptions& options,
                                                const WorkerTools& tools, const LogSink& log) {
  if (order.cache.empty() || options.source.empty() || order.face_sha256.empty())
    return std::nullopt;
  try {
    return avatar_of(order, options, tools, log);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kOutput) throw;
    log(LogLevel::kWarning, std::string(error.what()) + ": rendered without the cache");
    return std::nullopt;
  }
}

double seconds_since(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

}  // namespace

session::Renderer& JobWork::renderer_for(const RenderOptions& options,
                                         const session::PainterUse& painter) {
  const std::string wanted =
      options.models.models.string() + '\n' + options.models.weights.string() + '\n' +
      (options.models.quality == session::Quality::kLight ? "light" : "") + '\n' +
      (options.models.look_ahead == session::LookAhead::kShort ? "short" : "") + '\n' +
      options.compute.device + '\n' + options.compute.precision + '\n' +
      std::to_string(options.compute.threads);
  if (wanted != renderer_is_) {
    renderer_.reset();
    renderer_is_.clear();  // should the next line throw
    renderer_ = tools_.engine.load_renderer(options.models, options.compute, painter);
    renderer_is_ = wanted;
  }
  return *renderer_;
}

Finished JobWork::run(const WorkOrder& order, const ProgressSink& progress, const LogSink& log) {
  try {
    return render(order, progress, log);
  } catch (...) {
    remove_staging(order.output());
    throw;
  }
}

Finished JobWork::render(const WorkOrder& order, const ProgressSink& progress, const LogSink& log) {
  const auto begin = std::chrono::steady_clock::now();
  const path out = order.output();
  const path staging = staging_of(out);
  RenderOptions options = tools_.options_of(order.options);
  session::Renderer& renderer = renderer_for(options, order.painter);
  Finished finished;
  const SteadyFile sound(options.audio, order.sound_sha256);
  const SteadyFile face(options.source.empty() ? options.avatar : options.source,
                        order.face_sha256);
  const auto avatar = cached_avatar(order, options, tools_, log);
  if (avatar) {
    options.avatar = avatar->path;
    options.source.clear();
    finished.enrolled = !avatar->was_there;
  }
  options.out = staging;
  const session::RenderReport report =
      tools_.engine.render_with(renderer, options, progress, log, tools_.stop);
  if (report.interrupted) throw Error(ErrorCode::kInterrupted, order.id + ": interrupted");
  sound.check();
  if (!avatar) face.check();  // one in the cache is of the right content

  finished.painted = renderer.painted();
  JobResult& result = finished.result;
  result.frames = report.frames;
  result.sound_seconds = report.audio_seconds;
  result.model_version = report.model_version;
  result.model_sha256 = report.model_sha256;
  if (order.evaluate) result.measures = evaluate(order, options, order.options.at("source"));
  sync_file(staging);
  result.output_sha256 = sha256_hex_of_file(staging);
  result.output_bytes = static_cast<std::int64_t>(std::filesystem::file_size(staging));
  result.render_seconds = seconds_since(begin);
  write_receipt(state_folder(order.out_dir), {order.id, order.out, order.key, result});
  rename_durably(staging, out);
  return finished;
}

std::string JobWork::evaluate(const WorkOrder& order, const RenderOptions& options,
                              const std::string& source) const {
  session::EvalOptions eval;
  eval.video = options.out;
  eval.source = source;
  eval.face = options.face;
  eval.face_index = options.face_index;
  eval.compute = options.compute;
  eval.models = options.models;
  const EvaluationReport report = tools_.engine.evaluate(eval, {}, {}, tools_.stop);
  nlohmann::ordered_json measures = nlohmann::ordered_json::object();
  for (const Figure& figure : report.figures)
    if (figure.value) measures[figure.name] = *figure.value;
  std::string broken;
  for (const std::string& expression : order.requirements) {
    const Requirement requirement =
        tools_.engine.check_requirement(tools_.engine.parse_requirement(expression), report);
    if (!requirement.holds) broken += (broken.empty() ? "" : "; ") + requirement.message;
  }
  if (broken.empty()) return measures.dump();
  const path out = order.output();
  const path rejected =
      out.parent_path() / (out.stem().string() + ".rejected" + out.extension().string());
  rename_durably(staging_of(out), rejected);
  throw Error(static_cast<ErrorCode>(kRequirementFails),
              rejected.string() + ": a requirement does not hold: " + broken);
}

}  // namespace visema::batch
