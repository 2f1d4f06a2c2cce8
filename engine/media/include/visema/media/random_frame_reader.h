#pragma once

#include <filesystem>
#include <memory>

#include "visema/core/image.h"
#include "visema/media/video_reader.h"

namespace visema {

/// The frames of VideoReader in any order, for templates that play forward and back.
///
/// Opening reads every packet once without decoding it. Going forward decodes each frame once;
/// going back decodes up to 48 frames (256 MB at most) at a time and keeps them. One thread at a
/// time. Throws Error(kInput) as VideoReader does.
class RandomFrameReader {
 public:
  explicit RandomFrameReader(const std::filesystem::path& path,
                             const VideoReaderOptions& options = {});
  ~RandomFrameReader();
  RandomFrameReader(RandomFrameReader&&) noexcept;
  RandomFrameReader& operator=(RandomFrameReader&&) noexcept;

  const VideoInfo& info() const;
  FrameIndex frame_count() const;
  /// Frame `index` of 0..frame_count()-1: the one that VideoReader delivers as its index-th.
  VideoFrame at(FrameIndex index);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace visema
