#pragma once

#include "visema/models/compute.h"
#include "visema/session/render.h"

namespace visema::session {

/// How IP-LAP's networks run. "auto" is fp32 for them: what lower precision costs in quality has
/// not been measured.
inline Compute resolve_iplap(const ComputeOptions& request) {
  return resolve(
      {request.device, request.precision == "auto" ? "fp32" : request.precision, request.threads});
}

}  // namespace visema::session
