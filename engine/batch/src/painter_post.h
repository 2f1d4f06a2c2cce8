#pragma once

#include <poll.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "visema/core/log.h"
#include "visema/core/packet_socket.h"
#include "worker_process.h"

namespace visema::batch {

/// Keeps a painter where workers look for one: starts the process when somebody calls there and
/// none is running, be it the first or one that died. One thread at a time.
class PainterPost {
 public:
  /// `command`: of a process that serve_painter()s; it inherits `lock`.
  PainterPost(std::vector<std::string> command, int lock, LogSink log);

  /// Where workers find it.
  const std::string& address() const { return listener_.name(); }
  /// To poll(): somebody calls, or the painter says something or has ended.
  pollfd news() const;
  /// To be called when there are news.
  void attend();
  /// Starts a painter where none is running. Throws Error(kInternal) when it cannot be started, or
  /// when one after the other has ended before it could serve.
  void start();
  /// Looks at the memory of the painter.
  void watch();

  int started() const { return started_; }
  std::int64_t peak_rss_bytes() const { return peak_rss_bytes_; }

 private:
  const std::vector<std::string> command_;
  const int lock_;
  const LogSink log_;
  const PacketListener listener_;
  const FileDescriptor inherited_;  // the same socket, with a number that no other of a child has
  std::unique_ptr<WorkerProcess> painter_;
  int started_ = 0;
  int silent_deaths_ = 0;
  std::int64_t peak_rss_bytes_ = 0;
};

}  // namespace visema::batch
