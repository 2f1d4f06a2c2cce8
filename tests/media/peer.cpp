#include "peer.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <thread>

namespace visema::test {
namespace {

sockaddr_in loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  return address;
}

/// Binds to a port, 0 for any; -1 when it is taken.
int bound_port(int kind, int port) {
  const int handle = socket(AF_INET, kind, 0);
  sockaddr_in address = loopback(port);
  socklen_t size = sizeof address;
  const bool ok = bind(handle, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
                  getsockname(handle, reinterpret_cast<sockaddr*>(&address), &size) == 0;
  close(handle);
  return ok ? ntohs(address.sin_port) : -1;
}

}  // namespace

bool has_program(const std::string& name) {
  return std::system(("command -v " + name + " >/dev/null 2>&1").c_str()) == 0;
}

Peer::Peer(const std::vector<std::string>& words, const std::filesystem::path& log,
           const std::filesystem::path& out) {
  std::vector<std::string> copy = words;
  std::vector<char*> argv;
  for (auto& word : copy) argv.push_back(word.data());
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  constexpr int kFlags = O_WRONLY | O_CREAT | O_APPEND;
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, log.c_str(), kFlags, 0644);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, (out.empty() ? log : out).c_str(),
                                   kFlags, 0644);
  const int code = posix_spawnp(&pid_, argv[0], &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (code != 0) throw std::runtime_error("cannot be started: " + words[0]);
}

Peer::~Peer() {
  kill();
}

void Peer::signal(int number) const {
  if (pid_ > 0) ::kill(pid_, number);
}

void Peer::kill() {
  if (!running()) return;
  ::kill(pid_, SIGKILL);
  waitpid(pid_, &status_, 0);
  pid_ = -1;
}

bool Peer::running() {
  if (pid_ > 0 && waitpid(pid_, &status_, WNOHANG) == pid_) pid_ = -1;
  return pid_ > 0;
}

int Peer::wait() {
  const auto end = std::chrono::steady_clock::now() + std::chrono::minutes(1);
  while (running() && std::chrono::steady_clock::now() < end)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  return pid_ < 0 && WIFEXITED(status_) ? WEXITSTATUS(status_) : -1;
}

int free_port() {
  for (int attempt = 0; attempt < 100; ++attempt) {
    const int port = bound_port(SOCK_STREAM, 0);
    if (bound_port(SOCK_DGRAM, port) == port) return port;
  }
  throw std::runtime_error("no free port");
}

bool is_tcp_served(int port) {
  const int handle = socket(AF_INET, SOCK_STREAM, 0);
  const sockaddr_in address = loopback(port);
  const bool ok = connect(handle, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  close(handle);
  return ok;
}

bool is_udp_bound(int port) {
  char wanted[8];
  std::snprintf(wanted, sizeof wanted, ":%04X ", port);
  for (const char* table : {"/proc/net/udp", "/proc/net/udp6"})
    if (read_text(table).find(wanted) != std::string::npos) return true;
  return false;
}

std::string read_text(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

}  // namespace visema::test
