#include "socket_server.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <vector>

#include "visema/pipeline/thread_name.h"

namespace visema::session {
namespace {

constexpr std::size_t kMostClients = 64;
constexpr std::size_t kMostUnread = 1 << 20;  // bytes that a client leaves unread

}  // namespace

SocketServer::SocketServer(const SocketAddress& address, std::string thread_name,
                           std::size_t most_bytes, Handler handler)
    : thread_name_(std::move(thread_name)),
      most_bytes_(most_bytes),
      handler_(std::move(handler)),
      listener_(address) {}

SocketServer::~SocketServer() {
  wake_up_.wake();
  if (thread_.joinable()) thread_.join();
}

void SocketServer::start() {
  thread_ = std::thread([this] { serve(); });
}

void SocketServer::serve() {
  name_this_thread(thread_name_);
  for (;;) {
    std::vector<pollfd> sockets = {{wake_up_.number(), POLLIN, 0}, {listener_.number(), POLLIN, 0}};
    for (const Client& client : clients_) {
      const bool writes = !client.exchange.reply.empty();
      const auto events = static_cast<short>((client.ended ? 0 : POLLIN) | (writes ? POLLOUT : 0));
      sockets.push_back({client.socket.number(), events, 0});
    }
    if (poll(sockets.data(), sockets.size(), -1) < 0 && errno != EINTR) return;
    if (sockets[0].revents != 0) return;
    std::size_t at = 2;
    for (Client& client : clients_)
      if (sockets[at++].revents != 0) exchange(client);
    clients_.remove_if([](const Client& client) { return !client.socket; });
    if (sockets[1].revents != 0) accept_all();
  }
}

void SocketServer::accept_all() {
  const auto earlier = [](const Client& a, const Client& b) { return a.heard < b.heard; };
  while (FileDescriptor socket = listener_.accept()) {
    if (clients_.size() == kMostClients)
      clients_.erase(std::min_element(clients_.begin(), clients_.end(), earlier));
    clients_.push_back({std::move(socket), {}});
  }
}

void SocketServer::exchange(Client& client) {
  bool keep = client.ended || receive(client);
  if (keep) handler_(client.exchange);
  keep = keep && send(client) && client.exchange.received.size() <= most_bytes_ &&
         client.exchange.reply.size() <= kMostUnread;
  const bool done = client.ended || client.exchange.close;
  if (!keep || (done && client.exchange.reply.empty())) client.socket.reset();
}

/// False when the connection is broken.
bool SocketServer::receive(Client& client) const {
  std::array<char, 65536> bytes;
  const ssize_t count = recv(client.socket.number(), bytes.data(), bytes.size(), 0);
  if (count > 0) {
    client.exchange.received.append(bytes.data(), static_cast<std::size_t>(count));
    client.heard = std::chrono::steady_clock::now();
  }
  if (count == 0) client.ended = true;
  return count >= 0 || errno == EAGAIN || errno == EINTR;
}

bool SocketServer::send(Client& client) {
  std::string& reply = client.exchange.reply;
  if (reply.empty()) return true;
  const ssize_t count = ::send(client.socket.number(), reply.data(), reply.size(), MSG_NOSIGNAL);
  if (count > 0) reply.erase(0, static_cast<std::size_t>(count));
  return count >= 0 || errno == EAGAIN || errno == EINTR;
}

}  // namespace visema::session
