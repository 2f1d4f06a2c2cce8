#pragma once

#include <cstdint>
#include <vector>

#include "random.h"
#include "speech_augment.h"
#include "speech_data.h"

namespace visema::training {

/// Moments that go through the network together. In training the second half are the moments of the
/// first half, 40 ms later.
struct SpeechSamples {
  std::int64_t count = 0;
  std::vector<float> mel;          // count * 76 * 80
  std::vector<float> last_offset;  // count
  std::vector<float> references;   // count * 4 * lower, divided by their deviation
  std::vector<float> present;      // count * 4
  std::vector<float> lower;        // count * lower, targets
  std::vector<float> upper;        // count * upper
  std::vector<float> rest_gap;     // count
};

/// Cuts windows of sound and the articulation at any moment (linear between frames) out of a set,
/// which must outlive it. May be called from any thread.
class SpeechSampler {
 public:
  SpeechSampler(const SpeechSet& set, const SpeechBasis& basis, std::uint64_t seed);

  /// `pairs` random moments and what follows 40 ms later, augmented; depends on seed and step
  /// alone.
  SpeechSamples draw(std::int64_t step, std::int64_t pairs) const;

  enum class References { kRestOnly, kClip };
  /// Frames [first, first + count) of a clip as they are, for validation.
  SpeechSamples frames(const SpeechClip& clip, std::int64_t first, std::int64_t count,
                       References references) const;

 private:
  struct Segment {
    std::size_t clip = 0;
    std::int64_t frame = 0;  // from this frame to the next
  };

  SpeechSamples reserve(std::int64_t count) const;
  void cut_window(const SpeechClip& clip, const SpeechClip* neighbour, double t, double moment,
                  const SpeechAugment* augment, std::int64_t row, SpeechSamples& out) const;
  bool cut_target(const SpeechClip& clip, double t, std::int64_t row, SpeechSamples& out) const;
  void put_references(const std::vector<const float*>& coefficients, std::int64_t row,
                      SpeechSamples& out) const;
  std::vector<const float*> draw_references(const SpeechClip& clip, double t, Random& random) const;
  void make_silent(Random& random, std::int64_t row, SpeechSamples& out) const;

  const SpeechSet& set_;
  const SpeechBasis& basis_;
  std::uint64_t seed_;
  std::vector<float> gap_row_;
  std::vector<float> rest_;  // zeros
  std::vector<Segment> segments_;
  std::vector<double> reach_;  // running sum of the segments' weights
};

}  // namespace visema::training
