#include <poll.h>
#include <sys/socket.h>

#include "painter.h"
#include "visema/session/painter.h"

namespace visema::session {
namespace {

constexpr int kStopCheckMs = 200;

bool is_closed(int parent) {
  pollfd socket{parent, POLLIN, 0};
  return poll(&socket, 1, 0) > 0;
}

}  // namespace

void serve_painter(int listener, int parent, std::stop_token stop) {
  Painter painter{PacketListener(FileDescriptor(listener))};
  constexpr char kServing[] = "serving\n";
  send(parent, kServing, sizeof kServing - 1, MSG_NOSIGNAL);
  std::size_t waiting = 0;
  while (!stop.stop_requested() && !is_closed(parent)) {
    waiting = painter.gather(waiting > 0 ? 0 : kStopCheckMs);
    if (waiting > 0) painter.paint();
  }
}

}  // namespace visema::session
