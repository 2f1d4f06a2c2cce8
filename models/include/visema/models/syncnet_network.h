#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <vector>

#include "visema/models/compute.h"
#include "visema/models/weight_card.h"

namespace visema {

inline constexpr const char* kSyncnetName = "syncnet";
inline constexpr const char* kSyncnetVersion = "2";

inline constexpr int kSyncnetSize = 224;       // side of a picture
inline constexpr int kSyncnetFrames = 5;       // pictures of a window, 25 a second
inline constexpr int kSyncnetMfccs = 13;       // audio/mfcc.h, 100 frames a second
inline constexpr int kSyncnetMfccFrames = 20;  // of a window
inline constexpr int kSyncnetMfccStep = 4;     // from one window to the next: a picture
inline constexpr int kSyncnetEmbedding = 1024;

/// Converts syncnet_v2.model, the weights that the authors of SyncNet published (a state_dict of
/// torch.save), to a weight file of ours. Throws Error(kModel) that names the file and the tensor
/// which is missing, too much or of another shape; kInput, kOutput.
void import_syncnet(const std::filesystem::path& model, const std::filesystem::path& out);

/// The published SyncNet (Chung and Zisserman 2016, "Out of time: automated lip sync in the wild",
/// version 2), from which LSE-D and LSE-C are taken. Its embeddings are not of length 1. fp32
/// whatever `compute` says of precision. One thread at a time. Throws Error(kModel) on
/// construction.
class SyncNet {
 public:
  SyncNet(const std::filesystem::path& path, const Compute& compute);
  ~SyncNet();
  SyncNet(SyncNet&&) noexcept;
  SyncNet& operator=(SyncNet&&) noexcept;

  /// rgb: n pictures of 224 x 224 x 3 (Image::rgb) in a row -> n - 4 embeddings, of the windows
  /// that begin with picture 0, 1, ...; nothing when n < 5.
  std::vector<float> embed_mouth(std::span<const std::uint8_t> rgb) const;
  /// mfcc: m frames of 13 -> embeddings of the windows that begin with frame 0, 4, 8, ... and lie
  /// within the m frames.
  std::vector<float> embed_speech(std::span<const float> mfcc) const;

  const WeightCard& card() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace visema
