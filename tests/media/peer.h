#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace visema::test {

bool has_program(const std::string& name);

#define SKIP_WITHOUT(program)                \
  if (!::visema::test::has_program(program)) \
  GTEST_SKIP() << "needs the program " << (program) << " (scripts/setup.sh live)"

/// A program of somebody else that a test talks to; killed with the object.
class Peer {
 public:
  /// Its outputs go to `log`, or standard output to `out` where that is named.
  Peer(const std::vector<std::string>& words, const std::filesystem::path& log,
       const std::filesystem::path& out = {});
  ~Peer();
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  void signal(int number) const;
  /// SIGKILL; returns when it is gone.
  void kill();
  bool running();
  /// Its exit code when it ends within a minute, else -1.
  int wait();

 private:
  int pid_ = -1;
  int status_ = 0;
};

/// A port of 127.0.0.1 that nobody uses, for TCP and UDP.
int free_port();
/// Somebody waits for connections (TCP) or datagrams (UDP) there.
bool is_tcp_served(int port);
bool is_udp_bound(int port);

std::string read_text(const std::filesystem::path& path);

}  // namespace visema::test
