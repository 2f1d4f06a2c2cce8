#pragma once

#include <filesystem>

#include "handles.h"

namespace visema::media {

/// What a file extension asks for.
struct Container {
  const char* extension;
  const char* muxer;
  const char* video_encoder;
  const char* audio_encoder;
  bool index_in_front;
};

/// Throws Error(kUsage) for an unknown extension. Upper case counts as lower case.
const Container& container_for(const std::filesystem::path& path);

/// Throws Error(kInternal) when this libavcodec lacks it.
const AVCodec& encoder_named(const char* name);

}  // namespace visema::media
