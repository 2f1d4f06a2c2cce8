#pragma once

#include "flags.h"
#include "schedule.h"
#include "visema/core/error.h"

namespace visema::training {

/// Of --minutes and --steps. Throws Error(kUsage) where neither is given.
inline Budget read_budget(const Flags& flags) {
  Budget budget;
  if (flags.has("minutes")) budget.minutes = flags.real("minutes", 0.001, 1e6);
  if (flags.has("steps")) budget.steps = flags.integer("steps", 1, 1LL << 40);
  if (!flags.has("minutes") && !flags.has("steps"))
    throw Error(ErrorCode::kUsage, "--minutes or --steps: one of them must be given");
  return budget;
}

}  // namespace visema::training
