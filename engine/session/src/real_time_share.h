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

  /// Whether `user` may take `share` of one core's time. All may or none: where the wishes of all
  /// are too much together, those in real time would starve the others and the encoders of all.
  /// Who was refused must fit with a fifth to spare.
  bool take(const void* user, double share);
  void give_back(const void* user);

 private:
  struct Wish {
    double share = 0;
    bool refused = false;
  };

  const double most_;
  std::mutex mutex_;
  std::map<const void*, Wish> wishes_;
};

}  // namespace visema::session
