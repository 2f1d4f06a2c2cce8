#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace visema {

/// Owns a file descriptor; -1: none.
class FileDescriptor {
 public:
  FileDescriptor() = default;
  explicit FileDescriptor(int number) : number_(number) {}
  ~FileDescriptor() { reset(); }
  FileDescriptor(FileDescriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept {
    if (this != &other) {
      reset();
      number_ = std::exchange(other.number_, -1);
    }
    return *this;
  }

  int number() const { return number_; }
  explicit operator bool() const { return number_ >= 0; }
  void reset();

 private:
  int number_ = -1;
};

/// unix:PATH or tcp://HOST:PORT.
struct SocketAddress {
  bool is_unix = false;
  std::string path;
  std::string host;  // a name or a number, IPv6 in brackets
  int port = 0;      // 0: any, when listening
  std::string text;

  /// Throws Error(kUsage) that says what is allowed.
  static SocketAddress parse(std::string_view text);
};

/// Accepts connections at an address, without blocking. A UNIX socket is open to its user alone; a
/// dead one of the same name is replaced, and it is removed at the end.
class Listener {
 public:
  /// Throws Error(kUsage) when the address cannot be used.
  explicit Listener(const SocketAddress& address);
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  int number() const { return socket_.number(); }
  /// The next connection, non-blocking; none now: an empty descriptor.
  FileDescriptor accept();
  /// The port that was taken.
  int port() const;

 private:
  SocketAddress address_;
  FileDescriptor socket_;
};

/// A connection to an address, non-blocking once made. Throws Error(kInput), after 5 s for each of
/// the addresses of the host that does not answer.
FileDescriptor connect_to(const SocketAddress& address);

/// Wakes a poll() in another thread.
class WakeUp {
 public:
  WakeUp();
  /// Readable from now on.
  void wake() const;
  int number() const { return read_.number(); }

 private:
  FileDescriptor read_;
  FileDescriptor write_;
};

}  // namespace visema
