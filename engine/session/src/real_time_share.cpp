#include "real_time_share.h"

#include <algorithm>
#include <thread>

namespace visema::session {
namespace {

constexpr double kOfTheCores = 0.5;
constexpr double kToSpare = 0.2;  // of what is allowed

}  // namespace

RealTimeShare& RealTimeShare::of_this_process() {
  static RealTimeShare share(kOfTheCores * std::max(1U, std::thread::hardware_concurrency()));
  return share;
}

bool RealTimeShare::take(const void* user, double share) {
  const std::lock_guard lock(mutex_);
  const auto known = taken_.find(user);
  const bool was_refused = known != taken_.end() && known->second == 0;
  double sum = share;
  for (const auto& [other, taken] : taken_)
    if (other != user) sum += taken;
  const bool granted = sum <= (was_refused ? 1 - kToSpare : 1) * most_;
  taken_[user] = granted ? share : 0;
  return granted;
}

void RealTimeShare::give_back(const void* user) {
  const std::lock_guard lock(mutex_);
  taken_.erase(user);
}

}  // namespace visema::session
