#include "visema/core/socket.h"

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <memory>
#include <system_error>

#include "visema/core/error.h"

namespace visema {
namespace {

constexpr int kBacklog = 16;
constexpr timeval kConnectTime{5, 0};
constexpr std::string_view kUnix = "unix:";
constexpr std::string_view kTcp = "tcp://";

std::string reason(int code) {
  return std::generic_category().message(code);
}

[[noreturn]] void fail(ErrorCode code, const SocketAddress& address, const std::string& what,
                       const std::string& why) {
  throw Error(code, address.text + ": " + what + ": " + why);
}

/// connect() gives up after a while: a server that accepts nobody has a full queue.
void limit_connect(int number) {
  setsockopt(number, SOL_SOCKET, SO_SNDTIMEO, &kConnectTime, sizeof kConnectTime);
}

void set_non_blocking(int number) {
  fcntl(number, F_SETFL, fcntl(number, F_GETFL) | O_NONBLOCK);
}

sockaddr_un unix_address(const SocketAddress& address) {
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  std::memcpy(name.sun_path, address.path.data(), address.path.size());
  return name;
}

using Resolved = std::unique_ptr<addrinfo, decltype(&freeaddrinfo)>;

Resolved resolve(const SocketAddress& address, int flags, ErrorCode code) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = flags | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const std::string port = std::to_string(address.port);
  const int error = getaddrinfo(address.host.c_str(), port.c_str(), &hints, &found);
  if (error != 0) fail(code, address, "host is not found", gai_strerror(error));
  return {found, &freeaddrinfo};
}

/// A socket file that nobody listens to may be replaced.
void remove_dead_socket(const SocketAddress& address) {
  struct stat status {};
  if (lstat(address.path.c_str(), &status) != 0 || !S_ISSOCK(status.st_mode)) return;
  const FileDescriptor probe(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const sockaddr_un name = unix_address(address);
  if (connect(probe.number(), reinterpret_cast<const sockaddr*>(&name), sizeof name) != 0 &&
      errno == ECONNREFUSED)
    unlink(address.path.c_str());
}

FileDescriptor listen_unix(const SocketAddress& address) {
  remove_dead_socket(address);
  FileDescriptor made(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const sockaddr_un name = unix_address(address);
  fchmod(made.number(), S_IRUSR | S_IWUSR);  // before it has a name
  if (bind(made.number(), reinterpret_cast<const sockaddr*>(&name), sizeof name) != 0 ||
      listen(made.number(), kBacklog) != 0)
    fail(ErrorCode::kUsage, address, "cannot listen", reason(errno));
  return made;
}

/// The first of the host's addresses that can be had.
FileDescriptor listen_tcp(const SocketAddress& address) {
  const Resolved found = resolve(address, AI_PASSIVE, ErrorCode::kUsage);
  int error = 0;
  for (const addrinfo* at = found.get(); at != nullptr; at = at->ai_next) {
    FileDescriptor made(socket(at->ai_family, at->ai_socktype | SOCK_CLOEXEC, at->ai_protocol));
    const int on = 1;
    setsockopt(made.number(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(made.number(), at->ai_addr, at->ai_addrlen) == 0 &&
        listen(made.number(), kBacklog) == 0)
      return made;
    error = errno;
  }
  fail(ErrorCode::kUsage, address, "cannot listen", reason(error));
}

}  // namespace

void FileDescriptor::reset() {
  if (number_ >= 0) close(number_);
  number_ = -1;
}

SocketAddress SocketAddress::parse(std::string_view text) {
  const auto refuse = [&](const std::string& why) {
    throw Error(ErrorCode::kUsage,
                "\"" + std::string(text) + "\": " + why + "; must be unix:PATH or tcp://HOST:PORT");
  };
  SocketAddress address;
  address.text = text;
  if (text.starts_with(kUnix)) {
    address.is_unix = true;
    address.path = text.substr(kUnix.size());
    const std::size_t longest = sizeof sockaddr_un::sun_path - 1;
    if (address.path.empty() || address.path.size() > longest)
      refuse("the path must have 1.." + std::to_string(longest) + " bytes");
    return address;
  }
  if (!text.starts_with(kTcp)) refuse("no such kind of address");
  const std::string_view rest = text.substr(kTcp.size());
  const auto colon = rest.rfind(':');
  if (colon == std::string_view::npos || colon == 0) refuse("host and port are needed");
  address.host = rest.substr(0, colon);
  if (address.host.front() == '[' && address.host.back() == ']')
    address.host = address.host.substr(1, address.host.size() - 2);
  const std::string_view port = rest.substr(colon + 1);
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), address.port);
  if (error != std::errc() || end != port.data() + port.size() || address.port < 0 ||
      address.port > 65535)
    refuse("the port must be in 0..65535");
  return address;
}

Listener::Listener(const SocketAddress& address)
    : address_(address), socket_(address.is_unix ? listen_unix(address) : listen_tcp(address)) {
  set_non_blocking(socket_.number());
}

Listener::~Listener() {
  if (address_.is_unix) unlink(address_.path.c_str());
}

FileDescriptor Listener::accept() {
  return FileDescriptor(accept4(socket_.number(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
}

int Listener::port() const {
  sockaddr_in6 name{};  // large enough for both families, the port at the same place
  socklen_t size = sizeof name;
  getsockname(socket_.number(), reinterpret_cast<sockaddr*>(&name), &size);
  return ntohs(name.sin6_port);
}

FileDescriptor connect_to(const SocketAddress& address) {
  if (address.is_unix) {
    FileDescriptor made(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    limit_connect(made.number());
    const sockaddr_un name = unix_address(address);
    if (connect(made.number(), reinterpret_cast<const sockaddr*>(&name), sizeof name) != 0)
      fail(ErrorCode::kInput, address, "cannot connect", reason(errno));
    set_non_blocking(made.number());
    return made;
  }
  const Resolved found = resolve(address, 0, ErrorCode::kInput);
  int error = 0;
  for (const addrinfo* at = found.get(); at != nullptr; at = at->ai_next) {
    FileDescriptor made(socket(at->ai_family, at->ai_socktype | SOCK_CLOEXEC, at->ai_protocol));
    limit_connect(made.number());
    if (connect(made.number(), at->ai_addr, at->ai_addrlen) == 0) {
      set_non_blocking(made.number());
      return made;
    }
    error = errno;
  }
  fail(ErrorCode::kInput, address, "cannot connect", reason(error));
}

WakeUp::WakeUp() {
  std::array<int, 2> ends{-1, -1};
  if (pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) != 0)
    throw Error(ErrorCode::kInternal, "no pipe: " + reason(errno));
  read_ = FileDescriptor(ends[0]);
  write_ = FileDescriptor(ends[1]);
}

void WakeUp::wake() const {
  [[maybe_unused]] const auto written = write(write_.number(), "", 1);
}

}  // namespace visema
