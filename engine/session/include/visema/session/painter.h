#pragma once

#include <cstdint>
#include <stop_token>
#include <string>

#include "visema/core/error.h"

namespace visema::session {

/// The painter has ended, or could not go on: another attempt, with another painter, may succeed.
class PainterLost : public Error {
 public:
  explicit PainterLost(const std::string& message) : Error(ErrorCode::kInternal, message) {}
};

/// Where pictures are painted (docs/adr/0026-frames-of-several-jobs-meet-in-a-painter.md).
struct PainterUse {
  std::string address;  // name of the PacketListener that a painter serves; empty: there is none
  bool on_cpu = false;  // also where the networks run on the CPU, else only where on a GPU
};

/// Pictures that a painter painted for one run, and the share of them in its network's calls: of a
/// call that painted four pictures, a quarter for each.
struct PaintCounts {
  std::int64_t pictures = 0;
  double calls = 0;

  PaintCounts& operator+=(const PaintCounts& other) {
    pictures += other.pictures;
    calls += other.calls;
    return *this;
  }
};

/// The life of a painter: holds generators and runs them for other processes of this user, all
/// pictures that wait at a moment in one call. `listener` and `parent` are descriptors. It says a
/// line to `parent`, a socket, when it is ready, and ends when that is closed or a stop is
/// requested. Throws Error, or what the network threw, when a call fails: those who waited have
/// been told.
void serve_painter(int listener, int parent, std::stop_token stop);

}  // namespace visema::session
