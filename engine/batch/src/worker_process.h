#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "line_socket.h"

namespace visema::batch {

/// A process that serve()s, or a painter. It inherits `lock`, so that what the lock guards stays
/// guarded until the last of them has ended. Killed on destruction. One thread at a time.
class WorkerProcess {
 public:
  /// Throws Error(kInternal) when it cannot be started. `listener`: -1, or a descriptor above
  /// kPainterListener that it inherits too, as that number.
  WorkerProcess(const std::vector<std::string>& command, int lock, int listener = -1);
  ~WorkerProcess();
  WorkerProcess(const WorkerProcess&) = delete;
  WorkerProcess& operator=(const WorkerProcess&) = delete;

  int descriptor() const { return descriptor_; }
  bool send(const std::string& line) const { return socket_.send(line); }
  bool receive(std::vector<std::string>& lines) { return socket_.receive(lines); }
  /// Memory that it occupies now, what it shares with others included.
  std::int64_t resident_bytes() const;
  /// Ends it, waits, and says how it ended: "was killed by signal 9 (Killed)".
  std::string end();

 private:
  int descriptor_ = -1;
  int pid_ = -1;
  LineSocket socket_{-1};
};

}  // namespace visema::batch
