#pragma once

#include <cstdint>
#include <span>

#include "live_sink.h"

namespace visema::media {

/// The pictures' bytes, one after the other, to standard output.
class RawPictures : public LiveSink {
 public:
  RawPictures(const LiveTarget& target, Interrupt& interrupt)
      : target_(target), interrupt_(interrupt) {}
  void write(const LiveFrame& frame) override;
  void finish() override {}
  std::int64_t bytes() const override { return bytes_; }

 private:
  void write(std::span<const std::uint8_t> bytes);

  const LiveTarget& target_;
  Interrupt& interrupt_;
  std::int64_t bytes_ = 0;
};

}  // namespace visema::media
