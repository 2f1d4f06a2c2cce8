#pragma once

#include <memory>
#include <string>

#include "messages.h"
#include "visema/batch/worker.h"
#include "visema/core/log.h"

namespace visema::batch {

/// Does one job after the other. What a job leaves behind is, in this order: the whole video under
/// its staging name, its receipt, the video under its own name. One thread at a time.
class JobWork {
 public:
  explicit JobWork(const WorkerTools& tools) : tools_(tools) {}

  /// Throws Error; then the staging files are gone.
  Finished run(const WorkOrder& order, const ProgressSink& progress, const LogSink& log);

 private:
  session::Renderer& renderer_for(const session::RenderOptions& options,
                                  const session::PainterUse& painter);
  Finished render(const WorkOrder& order, const ProgressSink& progress, const LogSink& log);
  std::string evaluate(const WorkOrder& order, const session::RenderOptions& options,
                       const std::string& source) const;

  const WorkerTools& tools_;
  std::shared_ptr<session::Renderer> renderer_;
  std::string renderer_is_;  // networks and device of renderer_
};

}  // namespace visema::batch
