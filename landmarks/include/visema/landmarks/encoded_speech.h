#pragma once

#include <memory>
#include <span>
#include <vector>

#include "visema/core/time.h"
#include "visema/models/speech_encoder.h"

namespace visema {

/// A stream of 16 kHz sound to features of a SpeechEncoder, one row for every log-mel frame: row k
/// belongs to sample 200 k, between two rows of the encoder linearly. The encoder hears blocks of a
/// second, each with a second before and after it where there is one, so a row is ready up to three
/// seconds after its sound at the latest; a stream of n > 0 samples has n / 200 + 1 of them. The
/// rows do not depend on how the samples were cut; memory is bounded. Samples that are not finite
/// count as zero. One thread at a time.
class EncodedSpeech {
 public:
  explicit EncodedSpeech(std::shared_ptr<const SpeechEncoder> encoder);

  void push(std::span<const float> samples);
  /// No more samples follow: the last rows become ready.
  void finish();
  /// Back to an empty stream.
  void reset();

  /// Rows that are ready and were not taken, [n * kEncodedWidth]; the first continues the last
  /// ones.
  std::vector<float> take();
  /// The encoder's own rows instead, every kEncodedHop samples from sample 0, for a training pack.
  std::vector<float> take_encoder_rows();

 private:
  void encode_block();
  FrameIndex encoded_end() const;
  float sample(SampleIndex index) const;

  std::shared_ptr<const SpeechEncoder> encoder_;
  std::vector<float> samples_;  // from first_sample_
  SampleIndex first_sample_ = 0;
  SampleIndex end_sample_ = 0;
  std::vector<float> encoded_;  // rows of the encoder from first_encoded_
  FrameIndex first_encoded_ = 0;
  FrameIndex blocks_ = 0;  // that were encoded
  FrameIndex taken_ = 0;   // rows of the stream
  bool finished_ = false;
};

}  // namespace visema
