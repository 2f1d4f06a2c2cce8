#include "lanes.h"

#include <algorithm>

namespace visema::session {
namespace {

constexpr int kMostLanes = 4;

}  // namespace

int lanes_on(const Compute& compute) {
  return compute.device == Device::kCpu ? std::clamp(compute.threads, 1, kMostLanes) : 1;
}

int lanes_beside_painter(const Compute& compute) {
  return std::clamp(compute.threads + 1, 2, kMostLanes);
}

Compute of_lane(Compute compute) {
  compute.threads /= lanes_on(compute);
  return compute;
}

}  // namespace visema::session
