#include "real_time_share.h"

#include <algorithm>
#include <thread>

namespace visema::session {
namespace {

constexpr double kOfTheCores = 0.5;
constexpr double kToSpare = 0.2;  // of what is allowed, for those who were refused

}  // namespace

RealTimeShare& RealTimeShare::of_this_process() {
  static RealTimeShare share(kOfTheCores * std::max(1U, std::thread::hardware_concurrency()));
  return share;
}

bool RealTimeShare::take(const void* user, double share) {
  const std::lock_guard lock(mutex_);
  Wish& wish = wishes_[user];
  wish.share = share;
  double sum = 0;
  for (const auto& [other, wanted] : wishes_) sum += wanted.share;
  wish.refused = sum > (wish.refused ? 1 - kToSpare : 1) * most_;
  return !wish.refused;
}

void RealTimeShare::give_back(const void* user) {
  const std::lock_guard lock(mutex_);
  wishes_.erase(user);
}

}  // namespace visema::session
