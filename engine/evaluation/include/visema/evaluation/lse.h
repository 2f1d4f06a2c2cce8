#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "visema/evaluation/sync_score.h"

namespace visema {

/// LSE-D and LSE-C as Wav2Lip (Prajwal et al. 2020) takes them from SyncNet (Chung and Zisserman
/// 2016): distances of the mouth embedding of each frame t to the speech embeddings of t - 15 ..
/// t + 15, their means by shift, of these the least, and the median minus the least. Beyond the
/// sound the embedding is 0, as the authors have it. Embeddings may have any size. Keeps what waits
/// to be compared, so push mouth and speech about as fast as each other. One thread at a time.
class LipSyncError {
 public:
  /// Frames at 25 a second; indices of either side rise and may leave gaps. Embeddings of all
  /// calls have one size, else Error(kInternal). Sound in a gap counts as beyond the sound.
  void push_mouth(std::int64_t index, std::span<const float> embedding);
  void push_speech(std::int64_t index, std::span<const float> embedding);
  /// No mouth comes before `index`: frees the sound that only earlier ones need.
  void skip_mouth_until(std::int64_t index);
  /// Nothing follows.
  void finish();

  struct Result {
    std::array<double, kSyncShiftCount> mean{};  // by shift, element s + 15
    double distance = 0;                         // LSE-D
    double confidence = 0;                       // LSE-C
    /// Above 0: the sound comes late and has to be moved earlier. The offset that syncnet_python
    /// prints has the other sign.
    int offset_frames = 0;
    std::int64_t windows = 0;
  };
  /// Over the windows compared so far; nothing without one.
  std::optional<Result> result() const;

 private:
  using Embeddings = std::map<std::int64_t, std::vector<float>>;

  void check(std::span<const float> embedding, const char* side, std::int64_t index,
             std::int64_t after);
  void compare(std::int64_t index, std::span<const float> mouth);
  void advance();

  std::size_t size_ = 0;  // of an embedding, 0 before the first
  Embeddings mouths_;     // that wait for sound
  Embeddings sounds_;     // that mouths to come may need
  std::int64_t last_mouth_ = INT64_MIN;
  std::int64_t last_sound_ = INT64_MIN;
  bool finished_ = false;
  std::array<double, kSyncShiftCount> sum_{};
  std::int64_t windows_ = 0;
};

}  // namespace visema
