#pragma once

#include <atomic>
#include <stop_token>
#include <thread>

namespace visema::cli {

/// Turns the first SIGINT or SIGTERM into a stop request and the second into an end at once, with
/// exit code 130. Construct it before any other thread starts, so that all of them inherit the
/// blocked signals.
class Interrupts {
 public:
  Interrupts();
  ~Interrupts();
  Interrupts(const Interrupts&) = delete;
  Interrupts& operator=(const Interrupts&) = delete;

  std::stop_token token() const { return source_.get_token(); }
  bool requested() const { return source_.stop_requested(); }

 private:
  void wait();

  std::stop_source source_;
  std::atomic<bool> finished_ = false;
  std::thread thread_;
};

}  // namespace visema::cli
