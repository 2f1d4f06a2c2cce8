#include <atomic>

#include "commands.h"

namespace visema::training {
namespace {

std::atomic<bool> requested = false;
static_assert(std::atomic<bool>::is_always_lock_free);

}  // namespace

bool stop_requested() {
  return requested.load(std::memory_order_relaxed);
}
void request_stop() {
  requested.store(true, std::memory_order_relaxed);
}

}  // namespace visema::training
