#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "live_clock.h"
#include "visema/core/image.h"

namespace visema::session {

/// Rendered pictures on their way to the outputs, in order, some indices missing. One thread puts,
/// one takes; the others from any.
class PictureLine {
 public:
  enum class Overflow { kWait, kDropOldest };

  /// `before` stands until the first picture comes.
  PictureLine(std::size_t capacity, Overflow overflow, std::shared_ptr<const Image> before,
              std::shared_ptr<const std::vector<std::uint8_t>> alpha = {});

  using Alpha = std::shared_ptr<const std::vector<std::uint8_t>>;
  /// `alpha`: of the picture, as LiveFrame::alpha.
  void put(FrameIndex index, std::shared_ptr<const Image> picture, Alpha alpha = {});
  /// No more will come.
  void close();
  /// Forgets the waiting pictures.
  void clear();

  struct Shown {
    std::shared_ptr<const Image> picture;
    FrameIndex index = 0;   // that the picture belongs to
    bool late = false;      // one of an older index, not shown before
    bool repeated = false;  // the one that was shown before
    Alpha alpha;
  };
  /// What to show at `index`: waits until its picture comes, or is known not to, or `deadline`
  /// (none: for ever) has passed.
  Shown take(FrameIndex index, std::optional<LiveTime> deadline);

  std::size_t waiting() const;
  /// Pictures that were put and never shown.
  std::int64_t dropped() const;

 private:
  struct Entry {
    FrameIndex index;
    std::shared_ptr<const Image> picture;
    Alpha alpha;
  };

  const std::size_t capacity_;
  const Overflow overflow_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Entry> waiting_;
  std::shared_ptr<const Image> last_;
  Alpha last_alpha_;
  FrameIndex last_index_ = 0;
  std::int64_t dropped_ = 0;
  bool closed_ = false;
};

}  // namespace visema::session
