#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "visema/core/socket.h"

namespace visema::session {

/// A client of a control socket.
class ControlClient {
 public:
  /// Waits until somebody listens there.
  explicit ControlClient(const std::string& address);

  nlohmann::json ask(const nlohmann::json& command) { return ask(command.dump()); }
  nlohmann::json ask(const std::string& line);
  /// What a client that sends all this gets until the connection is closed.
  std::string rest(std::string_view text);
  nlohmann::json stats() { return ask(nlohmann::json{{"command", "stats"}})["stats"]; }

 private:
  void send_all(std::string_view text);
  /// False when nothing more comes.
  bool receive_some(std::string& reply);

  FileDescriptor socket_;
};

}  // namespace visema::session
