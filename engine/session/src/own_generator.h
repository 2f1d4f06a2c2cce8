#pragma once

#include <memory>

#include "visema/core/log.h"
#include "visema/landmarks/avatar.h"
#include "visema/models/compute.h"
#include "visema/models/generator_network.h"
#include "visema/session/render.h"

namespace visema::session {

/// The generator that an adapted avatar brings; null: it brings none, or the options want the
/// weights' one, or a quality of which its own is not. `installed` is of that quality. Throws
/// Error(kInput) for one that this program cannot run.
std::unique_ptr<const GeneratorNetwork> own_generator(const Avatar& avatar,
                                                      const PresenterOptions& options,
                                                      const GeneratorNetwork& installed,
                                                      const Compute& compute, const LogSink& log);

}  // namespace visema::session
