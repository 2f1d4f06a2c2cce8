#pragma once

#include <memory>

#include "visema/core/image.h"

namespace visema {

/// Changes rate and channel count of a stream of sound that starts at sample 0.
///
/// Sample 0 stays sample 0 (the filter's delay is compensated), and all output together has
/// round(input * out_rate / in_rate) samples. The output does not depend on how the input was cut
/// into blocks; process may return an empty block. Not thread-safe.
class Resampler {
 public:
  /// Rates 1000..768000 Hz, channels 1..64, else Error(kInput).
  Resampler(int in_rate_hz, int in_channels, int out_rate_hz, int out_channels);
  ~Resampler();
  Resampler(Resampler&&) noexcept;
  Resampler& operator=(Resampler&&) noexcept;

  AudioBlock process(const AudioBlock& block);
  /// The rest. After it the resampler is at its start again.
  AudioBlock finish();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace visema
