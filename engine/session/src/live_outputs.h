#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "visema/media/live_output.h"
#include "visema/session/live.h"

namespace visema::session {

/// The outputs of a live run, all given the same frames. push() by one thread, report() by any.
class LiveOutputs {
 public:
  /// Throws Error as LiveOutput does.
  LiveOutputs(const std::vector<std::string>& targets, const LiveOutputOptions& options);

  /// Never blocks.
  void push(const LiveFrame& frame);
  /// Waits until every output has room for a frame, or it is over.
  void wait_for_room(const std::function<bool()>& over) const;
  void finish();
  std::vector<LiveOutputReport> report() const;

 private:
  const std::size_t room_;
  std::vector<std::unique_ptr<LiveOutput>> outputs_;
};

}  // namespace visema::session
