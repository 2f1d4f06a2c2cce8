#include "control_client.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>

#include "live_fixture.h"
#include "visema/core/error.h"

namespace visema::session {
namespace {

constexpr int kPatienceMs = 120000;  // a reply of a busy machine

}  // namespace

ControlClient::ControlClient(const std::string& address) {
  becomes([&] {
    try {
      socket_ = connect_to(SocketAddress::parse(address));
    } catch (const Error&) {
    }
    return static_cast<bool>(socket_);
  });
}

nlohmann::json ControlClient::ask(const std::string& line) {
  send_all(line + "\n");
  std::string reply;
  while (!reply.ends_with('\n'))
    if (!receive_some(reply)) return "no reply";
  return nlohmann::json::parse(reply);
}

std::string ControlClient::rest(std::string_view text) {
  send_all(text);
  std::string reply;
  while (receive_some(reply)) {
  }
  return reply;
}

void ControlClient::send_all(std::string_view text) {
  while (!text.empty()) {
    pollfd one{socket_.number(), POLLOUT, 0};
    const ssize_t count = poll(&one, 1, kPatienceMs) > 0
                              ? send(socket_.number(), text.data(), text.size(), MSG_NOSIGNAL)
                              : 0;
    ASSERT_GT(count, 0);
    text.remove_prefix(static_cast<std::size_t>(count));
  }
}

bool ControlClient::receive_some(std::string& reply) {
  pollfd one{socket_.number(), POLLIN, 0};
  char bytes[65536];
  const ssize_t count =
      poll(&one, 1, kPatienceMs) > 0 ? recv(socket_.number(), bytes, sizeof bytes, 0) : 0;
  if (count > 0) reply.append(bytes, static_cast<std::size_t>(count));
  return count > 0;
}

}  // namespace visema::session
