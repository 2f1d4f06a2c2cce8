#include "live_servers.h"

#include "live_metrics.h"
#include "visema/core/socket.h"

namespace visema::session {
namespace {

constexpr std::size_t kMostCommandBytes = 16 << 20;
constexpr std::size_t kMostRequestBytes = 16 << 10;

using Answer = std::function<std::string(const std::string&)>;

/// Answers every whole line. One that can be no command ends the connection: its sender speaks
/// something else, such as HTTP, and what follows must not be taken for commands.
void answer_lines(const Answer& answer, SocketServer::Exchange& exchange) {
  std::size_t begin = 0;
  for (auto end = exchange.received.find('\n'); end != std::string::npos && !exchange.close;
       end = exchange.received.find('\n', begin)) {
    const std::string line = exchange.received.substr(begin, end - begin);
    begin = end + 1;
    const auto first = line.find_first_not_of(" \r\t");
    if (first == std::string::npos) continue;
    exchange.reply += answer(line) + "\n";
    exchange.close = line[first] != '{';
  }
  if (exchange.close)
    exchange.received.clear();
  else
    exchange.received.erase(0, begin);
}

/// Answers one request and closes.
void answer_request(const std::function<std::string()>& figures, SocketServer::Exchange& exchange) {
  if (exchange.received.find("\r\n\r\n") == std::string::npos) return;
  exchange.reply = http_answer(exchange.received, figures());
  exchange.received.clear();
  exchange.close = true;
}

}  // namespace

LiveServers::LiveServers(const Addresses& addresses, Answer answer,
                         std::function<std::string()> figures)
    : answer_(std::move(answer)), figures_(std::move(figures)) {
  if (!addresses.control.empty())
    servers_.push_back(std::make_unique<SocketServer>(
        SocketAddress::parse(addresses.control), "control", kMostCommandBytes,
        [this](SocketServer::Exchange& exchange) { answer_lines(answer_, exchange); }));
  if (!addresses.metrics.empty())
    servers_.push_back(std::make_unique<SocketServer>(
        SocketAddress::parse("tcp://" + addresses.metrics), "metrics", kMostRequestBytes,
        [this](SocketServer::Exchange& exchange) { answer_request(figures_, exchange); }));
}

void LiveServers::start() {
  for (const auto& server : servers_) server->start();
}

}  // namespace visema::session
