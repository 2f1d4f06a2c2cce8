#include "visema/session/render.h"

#include <memory>
#include <utility>

#include "iplap_render.h"
#include "presenter.h"
#include "render_run.h"
#include "visema/core/error.h"
#include "visema/media/audio_reader.h"
#include "visema/session/renderer.h"

namespace visema::session {
namespace {

/// Frames under way between two threads.
constexpr std::size_t kMotionsAhead = 16;

}  // namespace

Renderer::Renderer(const ModelPaths& models, const ComputeOptions& compute,
                   const PainterUse& painter)
    : networks_(
          std::make_unique<PresenterNetworks>(models, compute, SpeechThreads::kAll, painter)) {}
Renderer::~Renderer() = default;
Renderer::Renderer(Renderer&&) noexcept = default;
Renderer& Renderer::operator=(Renderer&&) noexcept = default;

RenderReport Renderer::render(const RenderOptions& options, const ProgressSink& progress,
                              const LogSink& log, std::stop_token stop) {
  check(options);
  if (!options.ip_lap.model.empty())
    throw Error(ErrorCode::kUsage,
                options.ip_lap.model.string() + ": a Renderer has networks of its own");
  RenderRun run(options, progress, log, stop);
  Presenter presenter(*networks_, options, run.rate_hz(), run.channels(), Lanes::kAsManyAsPay,
                      progress, log, stop);
  RenderReport report = run.through(
      [&](Chain<AudioBlock> sound) {
        return sound.stage<SpokenFrame>("speech", presenter.speech())
            .stage<PlacedFrame>("template", presenter.place(), Link::queue(kMotionsAhead))
            .lanes<RenderedFrame>("render", presenter.lanes());
      },
      presenter.avatar(), presenter.fps());
  set_compute(report, presenter.compute());
  report.model_name = presenter.model().name;
  report.model_version = presenter.model().version;
  report.model_sha256 = presenter.model().sha256;
  report.model_adapted = presenter.model_is_own();
  painted_ = presenter.painted();
  return report;
}

RenderReport render(const RenderOptions& options, const ProgressSink& progress, const LogSink& log,
                    std::stop_token stop) {
  check(options);
  if (!options.ip_lap.model.empty()) return render_with_iplap(options, progress, log, stop);
  return Renderer(options.models, options.compute).render(options, progress, log, std::move(stop));
}

std::shared_ptr<Renderer> load_renderer(const ModelPaths& models, const ComputeOptions& compute,
                                        const PainterUse& painter) {
  return std::make_shared<Renderer>(models, compute, painter);
}

RenderReport render_with(Renderer& renderer, const RenderOptions& options,
                         const ProgressSink& progress, const LogSink& log, std::stop_token stop) {
  return renderer.render(options, progress, log, std::move(stop));
}

double sound_seconds(const std::filesystem::path& path) {
  return AudioReader(path).info().duration_s;
}

}  // namespace visema::session
