#pragma once

#include <map>
#include <mutex>

namespace visema::session {

/// How much of the processor work in real time may take, so that the rest of the machine goes on:
/// each of its users says what it takes. Any thread.
class RealTimeShare {
 public:
  /// Of one core's time, at most.
  explicit RealTimeShare(double most) : most_(most) {}

  /// Of all that this process does: half of the cores that it may use.
  static RealTimeShare& of_this_process();

  /// Whether `user` may take `share` of one core's time, which then counts. What was granted is
  /// kept until it is too much; what was refused must fit with a fifth to spare.
  bool take(const void* user, double share);
  void give_back(const void* user);

 private:
  const double most_;
  std::mutex mutex_;
  std::map<const void*, double> taken_;
};

}  // namespace visema::session
