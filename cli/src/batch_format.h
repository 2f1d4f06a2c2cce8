#pragma once

#include "visema/batch/job.h"
#include "visema/session/render.h"

namespace visema::cli {

/// The field list of `visema render` as that of a job. `scratch` takes the values of one job after
/// the other, beginning with `defaults`; both must outlive the format.
batch::JobFormat job_format(const session::RenderOptions& defaults,
                            session::RenderOptions& scratch);

/// A job's options, as texts, back to options.
session::RenderOptions render_options(const batch::JobOptions& options);

}  // namespace visema::cli
