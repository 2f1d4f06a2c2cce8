#include "interrupts.h"

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <string_view>

#include "visema/core/error.h"

namespace visema::cli {
namespace {

sigset_t stop_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  return set;
}

void say(std::string_view text) {
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, text.data(), text.size());
}

}  // namespace

Interrupts::Interrupts() {
  const sigset_t set = stop_signals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  thread_ = std::thread([this] { wait(); });
}

Interrupts::~Interrupts() {
  finished_ = true;
  // Blocked everywhere and awaited there: it wakes the thread and ends nothing.
  pthread_kill(thread_.native_handle(), SIGTERM);  // NOLINT(bugprone-bad-signal-to-kill-thread)
  thread_.join();
}

void Interrupts::wait() {
  pthread_setname_np(pthread_self(), "interrupts");
  const sigset_t set = stop_signals();
  for (;;) {
    int signal = 0;
    if (sigwait(&set, &signal) != 0 || finished_) return;
    if (!source_.request_stop()) {
      say("\n");
      _exit(static_cast<int>(ErrorCode::kInterrupted));
    }
    say("\nvisema: stopping; once more ends it at once\n");
  }
}

}  // namespace visema::cli
