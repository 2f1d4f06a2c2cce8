#include "visema/core/packet_socket.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <system_error>

#include "visema/core/error.h"

namespace visema {
namespace {

constexpr std::size_t kMostBytes = 1 << 16;
constexpr int kWaitingConnections = 1024;

std::string why() {
  return std::generic_category().message(errno);
}

FileDescriptor new_socket(int more) {
  return FileDescriptor(socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | more, 0));
}

/// Room for one descriptor beside a packet.
union FileRoom {
  cmsghdr header;
  char bytes[CMSG_SPACE(sizeof(int))];
};

FileDescriptor file_of(msghdr& message) {
  int number = -1;
  const cmsghdr* header = CMSG_FIRSTHDR(&message);
  if (header != nullptr && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS)
    std::memcpy(&number, CMSG_DATA(header), sizeof number);
  return FileDescriptor(number);
}

}  // namespace

PacketSocket PacketSocket::to(const std::string& name) {
  FileDescriptor socket = new_socket(0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (name.size() >= sizeof address.sun_path)
    throw Error(ErrorCode::kInput, name + ": no socket has a name of that length");
  std::memcpy(address.sun_path + 1, name.data(), name.size());
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
  while (connect(socket.number(), reinterpret_cast<const sockaddr*>(&address), size) != 0)
    if (errno != EINTR)
      throw Error(ErrorCode::kInput, "socket @" + name + ": cannot be reached: " + why());
  return PacketSocket(std::move(socket));
}

bool PacketSocket::send(const std::string& text, int file) const {
  iovec part{const_cast<char*>(text.data()), text.size()};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  FileRoom room{};
  if (file >= 0) {
    message.msg_control = &room;
    message.msg_controllen = sizeof room;
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof file);
    std::memcpy(CMSG_DATA(header), &file, sizeof file);
  }
  ssize_t count = 0;
  do {
    count = sendmsg(number(), &message, MSG_NOSIGNAL);
  } while (count < 0 && errno == EINTR);
  return count == static_cast<ssize_t>(text.size());
}

std::optional<Packet> PacketSocket::receive() const {
  Packet packet{std::string(kMostBytes, '\0'), {}};
  iovec part{packet.text.data(), packet.text.size()};
  FileRoom room{};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = &room;
  message.msg_controllen = sizeof room;
  ssize_t count = 0;
  do {
    count = recvmsg(number(), &message, MSG_CMSG_CLOEXEC);
  } while (count < 0 && errno == EINTR);
  if (count <= 0) return std::nullopt;
  packet.text.resize(static_cast<std::size_t>(count));
  packet.file = file_of(message);
  return packet;
}

bool PacketSocket::has_news() const {
  pollfd socket{number(), POLLIN, 0};
  return poll(&socket, 1, 0) > 0;
}

PacketListener::PacketListener() : socket_(new_socket(SOCK_NONBLOCK)) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  socklen_t size = sizeof address.sun_family;  // no name: the kernel gives one
  if (bind(number(), reinterpret_cast<const sockaddr*>(&address), size) != 0 ||
      listen(number(), kWaitingConnections) != 0)
    throw Error(ErrorCode::kInternal, "no socket for other processes: " + why());
  size = sizeof address;
  getsockname(number(), reinterpret_cast<sockaddr*>(&address), &size);
  name_.assign(address.sun_path + 1, size - offsetof(sockaddr_un, sun_path) - 1);
}

PacketListener::PacketListener(FileDescriptor socket) : socket_(std::move(socket)) {}

std::optional<PacketSocket> PacketListener::accept() const {
  FileDescriptor socket(accept4(number(), nullptr, nullptr, SOCK_CLOEXEC));
  ucred peer{};
  socklen_t size = sizeof peer;
  if (!socket || getsockopt(socket.number(), SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0 ||
      peer.uid != getuid())
    return std::nullopt;
  return PacketSocket(std::move(socket));
}

}  // namespace visema
