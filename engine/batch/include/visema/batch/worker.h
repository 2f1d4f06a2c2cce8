#pragma once

#include <functional>
#include <stop_token>

#include "visema/batch/job.h"
#include "visema/session/facade.h"

namespace visema::batch {

/// What a worker process is made of.
struct WorkerTools {
  const session::Facade& engine;
  /// Options as texts to options of a rendering, folders of the networks resolved.
  std::function<session::RenderOptions(const JobOptions&)> options_of;
  std::stop_token stop;
};

/// The life of a worker process: takes orders from the socket at standard input, renders them one
/// after the other with the networks loaded once, and answers there, until the other end closes or
/// a stop is requested. `parent` is the process that started this one; it dies with it.
void serve(const WorkerTools& tools, int parent);

}  // namespace visema::batch
