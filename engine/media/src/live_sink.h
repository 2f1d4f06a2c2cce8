#pragma once

#include <cstdint>
#include <memory>

#include "interrupt.h"
#include "live_target.h"
#include "visema/media/live_output.h"

namespace visema::media {

/// One connection of a live output, one thread. Every call may throw Error(kOutput), after which
/// the connection is lost.
class LiveSink {
 public:
  LiveSink() = default;
  virtual ~LiveSink() = default;
  LiveSink(const LiveSink&) = delete;
  LiveSink& operator=(const LiveSink&) = delete;

  /// The first frame has a picture.
  virtual void write(const LiveFrame& frame) = 0;
  virtual void finish() = 0;
  virtual std::int64_t bytes() const = 0;
};

/// Connects.
std::unique_ptr<LiveSink> open_live_sink(const LiveTarget& target, const LiveOutputOptions& options,
                                         Interrupt& interrupt);

}  // namespace visema::media
