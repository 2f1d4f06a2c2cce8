#pragma once

#include <filesystem>

#include "handles.h"

namespace visema::media {

/// Opens a file, or a libav URL when no file has that name, and finds its streams. Waiting
/// ends when `interrupt` says so. Throws Error(kInput).
InputPtr open_input(const std::filesystem::path& path, AVIOInterruptCB interrupt = {});

/// The stream to use: the best moving or still picture (not a cover of a sound file), the best
/// sound; -1 when there is none.
int best_stream(const AVFormatContext& input, AVMediaType kind);

/// One picture a file, by format. GIF and animated PNG are not.
bool is_picture_format(const AVFormatContext& input);

/// Refuses a size over kMaxPictureSide with Error(kInput).
void check_picture_size(const std::filesystem::path& path, std::int64_t width, std::int64_t height);

}  // namespace visema::media
