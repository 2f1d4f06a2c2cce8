#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "live_sink.h"

namespace visema::media {

/// The pictures' bytes, one after the other, to standard output; the fourth byte of a pixel is 255
/// where the pictures have no transparency.
class RawPictures : public LiveSink {
 public:
  RawPictures(const LiveTarget& target, Interrupt& interrupt)
      : target_(target), interrupt_(interrupt) {}
  void write(const LiveFrame& frame) override;
  void finish() override {}
  std::int64_t bytes() const override { return bytes_; }

 private:
  void write(std::span<const std::uint8_t> bytes);
  void pack(const LiveFrame& frame);

  const LiveTarget& target_;
  Interrupt& interrupt_;
  std::vector<std::uint8_t> packed_;
  std::int64_t bytes_ = 0;
};

}  // namespace visema::media
