#pragma once

#include <filesystem>
#include <memory>
#include <stop_token>
#include <string>

#include "visema/core/log.h"
#include "visema/session/painter.h"
#include "visema/session/render.h"

namespace visema::session {

struct PresenterNetworks;

/// The networks of render(), loaded once for any number of sounds. One thread at a time.
class Renderer {
 public:
  /// Throws Error(kModel) that names the file, Error(kUsage) for a device that is not there, and
  /// PainterLost, as render() does.
  Renderer(const ModelPaths& models, const ComputeOptions& compute, const PainterUse& painter = {});
  ~Renderer();
  Renderer(Renderer&&) noexcept;
  Renderer& operator=(Renderer&&) noexcept;

  /// As visema::session::render(); `models` and `compute` of the options are those given above.
  RenderReport render(const RenderOptions& options, const ProgressSink& progress = {},
                      const LogSink& log = {}, std::stop_token stop = {});
  /// What a painter painted for the last render() that came to its end.
  const PaintCounts& painted() const { return painted_; }

 private:
  std::unique_ptr<const PresenterNetworks> networks_;
  PaintCounts painted_;
};

/// A Renderer for callers that know its name only, such as a program that loads libvisema late.
std::shared_ptr<Renderer> load_renderer(const ModelPaths& models, const ComputeOptions& compute,
                                        const PainterUse& painter = {});
RenderReport render_with(Renderer& renderer, const RenderOptions& options,
                         const ProgressSink& progress, const LogSink& log, std::stop_token stop);

/// Length of a sound by its header. Throws Error(kInput) when there is no sound.
double sound_seconds(const std::filesystem::path& path);

/// SHA-256 over the files that rendering needs: another value, other pictures.
std::string render_models_sha256(const ModelPaths& models);
/// The same of the files that enrolment needs.
std::string enroll_models_sha256(const ModelPaths& models);

}  // namespace visema::session
