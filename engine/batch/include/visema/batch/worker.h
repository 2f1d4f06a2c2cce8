#pragma once

#include <functional>
#include <stop_token>

#include "visema/batch/job.h"
#include "visema/session/facade.h"

namespace visema::batch {

/// Number of the listener's descriptor in a painter that a batch starts; its socket to the batch is
/// standard input.
inline constexpr int kPainterListener = 4;

/// What a worker process is made of.
struct WorkerTools {
  const session::Facade& engine;
  /// Options as texts to options of a rendering, folders of the networks resolved.
  std::function<session::RenderOptions(const JobOptions&)> options_of;
  std::stop_token stop;
};

/// This process dies with `parent`, which started it. Otherwise a rendering would go on when the
/// batch was killed, beside the one that resumes it. To be called first: until then the lock that a
/// worker inherits outlives the batch.
void die_with(int parent);

/// The life of a worker process: takes orders from the socket at standard input, renders them one
/// after the other with the networks loaded once, and answers there, until the other end closes or
/// a stop is requested.
void serve(const WorkerTools& tools);

}  // namespace visema::batch
