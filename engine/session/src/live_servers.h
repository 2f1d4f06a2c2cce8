#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "socket_server.h"

namespace visema::session {

/// The sockets of a live run, as far as it has some: commands and figures.
class LiveServers {
 public:
  struct Addresses {
    std::string control;  // of SocketAddress; empty: none
    std::string metrics;  // HOST:PORT; empty: none
  };
  /// Listens, so that an address that cannot be used is known before anything begins. `answer`: the
  /// reply to a line of the control socket. `figures`: the text for Prometheus. Both are called by
  /// the threads of the sockets. Throws Error(kUsage).
  LiveServers(const Addresses& addresses, std::function<std::string(const std::string&)> answer,
              std::function<std::string()> figures);
  /// Begins to answer; who has asked before gets its reply now. Once.
  void start();

 private:
  const std::function<std::string(const std::string&)> answer_;
  const std::function<std::string()> figures_;
  std::vector<std::unique_ptr<SocketServer>> servers_;
};

}  // namespace visema::session
