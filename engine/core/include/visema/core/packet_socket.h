#pragma once

#include <optional>
#include <string>

#include "visema/core/socket.h"

namespace visema {

/// A text, and an open file where one came with it.
struct Packet {
  std::string text;
  FileDescriptor file;
};

/// A connection between two processes of one machine that keeps packets whole, 64 KiB at most each.
class PacketSocket {
 public:
  /// To the PacketListener of that name. Throws Error(kInput).
  static PacketSocket to(const std::string& name);
  explicit PacketSocket(FileDescriptor socket) : socket_(std::move(socket)) {}

  int number() const { return socket_.number(); }
  /// With a file where `file` is not -1; the other end gets a descriptor of its own. False when the
  /// other end is gone.
  bool send(const std::string& text, int file = -1) const;
  /// Waits for a packet; nothing when the other end is gone.
  std::optional<Packet> receive() const;
  /// Whether receive() would not wait, which at an end that expects nothing means that it is over.
  bool has_news() const;

 private:
  FileDescriptor socket_;
};

/// Accepts such connections under a name that the kernel chooses (Linux's abstract namespace, so
/// that no file is left behind), from processes of this user only. Several processes may accept
/// from one inherited descriptor, one after the other: who connected meanwhile waits.
class PacketListener {
 public:
  /// Throws Error(kInternal).
  PacketListener();
  /// One that was inherited.
  explicit PacketListener(FileDescriptor socket);

  int number() const { return socket_.number(); }
  const std::string& name() const { return name_; }
  /// The next connection; nothing now, or one of another user: nothing.
  std::optional<PacketSocket> accept() const;

 private:
  FileDescriptor socket_;
  std::string name_;
};

}  // namespace visema
