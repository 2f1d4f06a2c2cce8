#pragma once

#include <chrono>
#include <functional>
#include <list>
#include <string>
#include <thread>

#include "visema/core/socket.h"

namespace visema::session {

/// Serves text to the clients of a listening socket, in a thread of its own. Who connects before
/// start() waits for it. A client that does not read what it asked for, or sends more than a
/// message may hold, is closed; nobody waits for it. Of more than 64 clients the one that has been
/// still for longest is closed.
class SocketServer {
 public:
  struct Exchange {
    std::string received;  // what has not been answered; the handler takes its messages away
    std::string reply;     // to be sent
    bool close = false;    // after the reply
  };
  /// Called by the thread of the server, for one client at a time.
  using Handler = std::function<void(Exchange&)>;

  /// Listens. Throws Error(kUsage) when the address cannot be used. `most_bytes`: of a message.
  SocketServer(const SocketAddress& address, std::string thread_name, std::size_t most_bytes,
               Handler handler);
  ~SocketServer();
  /// Begins to answer. Once.
  void start();

  int port() const { return listener_.port(); }

 private:
  struct Client {
    FileDescriptor socket;
    Exchange exchange;
    bool ended = false;  // sends no more
    std::chrono::steady_clock::time_point heard = std::chrono::steady_clock::now();
  };

  void serve();
  void accept_all();
  void exchange(Client& client);
  bool receive(Client& client) const;
  static bool send(Client& client);

  const std::string thread_name_;
  const std::size_t most_bytes_;
  const Handler handler_;
  Listener listener_;
  WakeUp wake_up_;
  std::list<Client> clients_;
  std::thread thread_;
};

}  // namespace visema::session
