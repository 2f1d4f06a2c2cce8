#pragma once

#include <memory>

#include "generator.h"
#include "visema/core/log.h"
#include "visema/landmarks/avatar.h"
#include "visema/session/render.h"

namespace visema::session {

struct PresenterNetworks;

/// The generator that an adapted avatar brings; null: it brings none, or the options want the
/// weights' one, or a quality of which its own is not; the generator of `networks` is of that
/// quality. Throws Error(kInput) for one that this program cannot run, and PainterLost.
std::shared_ptr<const Generator> own_generator(const Avatar& avatar,
                                               const PresenterOptions& options,
                                               const PresenterNetworks& networks,
                                               const LogSink& log);

}  // namespace visema::session
