#include "iplap_render.h"

#include <string>

#include "iplap_presenter.h"
#include "render_run.h"
#include "visema/core/error.h"

namespace visema::session {
namespace {

/// Windows and pictures under way between two threads.
constexpr std::size_t kWindowsAhead = 4;

/// IP-LAP moves lips and jaw; all else is the source's own.
void check_iplap(const RenderOptions& options) {
  std::string problems;
  const auto require = [&](bool holds, const std::string& text) {
    if (!holds) problems += (problems.empty() ? "" : "\n") + text;
  };
  const std::string reason = ": with an IP-LAP model all but lips and jaw is the source's own, so ";
  require(options.head_motion != HeadMotion::kNatural,
          "head-motion = natural" + reason + "it must be auto, none or template");
  require(!options.blink.value_or(false), "blink = on" + reason + "it must be auto or off");
  require(options.expression == Expression::kNeutral, "expression" + reason + "it must be neutral");
  require(options.seed == RenderOptions().seed, "seed" + reason + "it changes nothing");
  require(options.background == "keep",
          "background = " + options.background + reason + "it must be keep");
  require(options.expression_strength == PresenterOptions().expression_strength,
          "expression-strength" + reason + "it changes nothing");
  require(options.articulation == PresenterOptions().articulation,
          "articulation" + reason + "it changes nothing");
  require(options.ip_lap.references >= 1 && options.ip_lap.references <= kIpLapReferences,
          "references = " + std::to_string(options.ip_lap.references) + ": must be in 1.." +
              std::to_string(kIpLapReferences));
  require(options.ip_lap.crop_margin_px >= -1,
          "crop-margin = " + std::to_string(options.ip_lap.crop_margin_px) +
              ": must be at least 0, or -1 for auto");
  if (!problems.empty()) throw Error(ErrorCode::kUsage, problems);
}

}  // namespace

RenderReport render_with_iplap(const RenderOptions& options, const ProgressSink& progress,
                               const LogSink& log, const std::stop_token& stop) {
  check_iplap(options);
  RenderRun run(options, progress, log, stop);
  const IplapNetworks networks(options.ip_lap.model, options.compute);
  IplapPresenter presenter(networks, options, run.rate_hz(), run.channels(), progress, log, stop);
  RenderReport report = run.through(
      [&](Chain<AudioBlock> sound) {
        return sound.stage<IplapHeardFrame>("speech", presenter.speech())
            .stage<IplapPlacedFrame>("template", presenter.place(), Link::queue(kWindowsAhead))
            .lanes<RenderedFrame>("render", presenter.lanes());
      },
      presenter.avatar(), presenter.fps());
  set_compute(report, networks.compute);
  report.model_name = networks.renderer.card().network;
  report.model_version = networks.renderer.card().version;
  report.model_sha256 = networks.sha256;
  return report;
}

}  // namespace visema::session
