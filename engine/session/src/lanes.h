#pragma once

#include "visema/models/compute.h"

namespace visema::session {

/// Frames that are painted at the same time. One lane a core: a frame on one thread is done with
/// less work than on two, which wait for each other at every layer.
int lanes_on(const Compute& compute);

/// The same where a painter runs the generator: one more than threads, which waits for the painter
/// while others work. On one thread, so that two pictures are under way, at least.
int lanes_beside_painter(const Compute& compute);

/// What each of them computes with.
Compute of_lane(Compute compute);

}  // namespace visema::session
