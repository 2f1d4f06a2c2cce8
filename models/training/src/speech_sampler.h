#pragma once

#include <cstdint>
#include <vector>

#include "random.h"
#include "speech_augment.h"
#include "speech_data.h"

namespace visema::training {

/// Pieces of sound with moments in them that go through the network together.
struct SpeechSamples {
  std::int64_t count = 0;         // pieces
  std::int64_t moments = 0;       // in each
  std::int64_t mel_frames = 0;    // of each
  std::vector<float> mel;         // count * mel_frames * 80
  std::vector<float> encoded;     // count * mel_frames * kEncodedWidth, or empty
  std::vector<float> positions;   // count * moments, in mel frames from the start of the piece
  std::vector<float> references;  // count * 4 * lower, divided by their deviation
  std::vector<float> present;     // count * 4
  std::vector<float> lower;       // count * moments * lower, targets
  std::vector<float> upper;       // count * moments * upper
  std::vector<float> valid;       // count * moments, 1: there is a target
  std::vector<float> rest_gap;    // count
};

/// Cuts pieces of sound and the articulation at any moment (linear between frames) out of a set,
/// which must outlive it. May be called from any thread.
class SpeechSampler {
 public:
  /// Moments of a training piece, 40 ms apart.
  static constexpr std::int64_t kMoments = 28;

  struct Shares {
    double augmented = 1;         // of the pieces: their sound is changed by SpeechAugment
    double mirrored = 0.5;        // of the pieces: their face is
    double own_references = 0.4;  // of the references: of the clip itself, not of its person's
    double balance = 0;           // 0: every second counts alike, 1: every source does
  };

  /// Times of the clips are read at every draw, their weights now.
  SpeechSampler(const SpeechSet& set, const SpeechBasis& basis, std::uint64_t seed,
                const Shares& shares);

  /// Random pieces, changed; depends on the set, seed, shares and step alone.
  SpeechSamples draw(std::int64_t step, std::int64_t pieces) const;

  enum class References { kRestOnly, kClip };
  /// Frames [first, first + count) of a clip as they are, one piece, for validation.
  SpeechSamples frames(const SpeechClip& clip, std::int64_t first, std::int64_t count,
                       References references) const;

 private:
  SpeechSamples reserve(std::int64_t count, std::int64_t moments, std::int64_t mel_frames) const;
  void cut_sound(const SpeechClip& clip, const SpeechClip* neighbour, double t,
                 const SpeechAugment* augment, std::int64_t row, SpeechSamples& out) const;
  void cut_encoded(const SpeechClip& clip, const SpeechClip* neighbour, double first, double speed,
                   std::int64_t row, SpeechSamples& out) const;
  bool cut_target(const SpeechClip& clip, double t, std::int64_t at, SpeechSamples& out) const;
  void put_references(const std::vector<const float*>& coefficients, std::int64_t row,
                      SpeechSamples& out) const;
  std::vector<const float*> draw_references(const SpeechClip& clip, double t, double end,
                                            Random& random) const;
  void make_silent(Random& random, std::int64_t row, SpeechSamples& out) const;
  void mirror_piece(std::int64_t row, SpeechSamples& out) const;

  const SpeechSet& set_;
  const SpeechBasis& basis_;
  std::uint64_t seed_;
  Shares shares_;
  std::vector<float> gap_row_;
  std::vector<float> rest_;                         // zeros
  std::vector<float> mirror_lower_, mirror_upper_;  // count x count, row major
  std::vector<std::size_t> clips_;                  // those that can be drawn
  std::vector<double> reach_;                       // running sum of their weights
};

}  // namespace visema::training
