#pragma once

#include "flags.h"

namespace visema::training {

/// `visema-train speech --measure`: what the held-out clips say of weight files, of several the
/// mean of what they say. Trains nothing. Throws Error.
void measure_speech(const Flags& flags);

}  // namespace visema::training
