#include "visema/batch/worker.h"

#include <poll.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <exception>

#include "job_work.h"
#include "line_socket.h"
#include "messages.h"
#include "visema/core/error.h"

namespace visema::batch {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kSocket = STDIN_FILENO;
constexpr int kStopCheckMs = 200;
constexpr auto kProgressInterval = std::chrono::milliseconds(500);

bool wait_for_order(const std::stop_token& stop) {
  pollfd socket{kSocket, POLLIN, 0};
  while (!stop.stop_requested())
    if (poll(&socket, 1, kStopCheckMs) > 0) return true;
  return false;
}

/// Answers one order.
void answer(const WorkOrder& order, JobWork& work, const LineSocket& socket) {
  auto told = Clock::now();
  const ProgressSink progress = [&](std::string_view stage, std::int64_t done, std::int64_t total) {
    const auto now = Clock::now();
    if (stage == "render" && total > 0 && now - told > kProgressInterval) {
      told = now;
      socket.send(line_of(Progress{static_cast<double>(done) / static_cast<double>(total)}));
    }
    return true;
  };
  const LogSink log = [&](LogLevel level, std::string_view text) {
    if (level == LogLevel::kWarning) socket.send(line_of(Warning{std::string(text)}));
  };
  socket.send(line_of(Progress{0}));  // says that the process works at all
  try {
    socket.send(line_of(work.run(order, progress, log)));
  } catch (const std::bad_alloc&) {
    socket.send(line_of(Failed{kOverMemory, order.id + ": out of memory"}));
  } catch (const session::PainterLost& error) {
    socket.send(line_of(Failed{kPainterDied, order.id + ": " + describe(error)}));
  } catch (const std::exception& error) {
    socket.send(line_of(Failed{static_cast<int>(code_of(error)), describe(error)}));
  }
}

}  // namespace

void die_with(int parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(static_cast<int>(ErrorCode::kInterrupted));
}

void serve(const WorkerTools& tools) {
  LineSocket socket(kSocket);
  JobWork work(tools);
  std::vector<std::string> lines;
  while (wait_for_order(tools.stop)) {
    lines.clear();
    if (!socket.receive(lines)) return;
    for (const std::string& line : lines) answer(order_of(line), work, socket);
  }
}

}  // namespace visema::batch
