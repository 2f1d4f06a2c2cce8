#include "container.h"

#include <algorithm>
#include <cctype>
#include <string>

#include "visema/core/error.h"
#include "visema/media/video_writer.h"

namespace visema {
namespace {

constexpr media::Container kContainers[] = {
    {".mp4", "mp4", "libx264", "aac", true},
    {".mov", "mov", "libx264", "aac", true},
    {".mkv", "matroska", "libx264", "aac", false},
    {".webm", "webm", "libvpx-vp9", "libopus", false},
};

}  // namespace

std::string video_extensions() {
  std::string list;
  for (const auto& container : kContainers)
    list += (list.empty() ? "" : ", ") + std::string(container.extension);
  return list;
}

namespace media {

const Container& container_for(const std::filesystem::path& path) {
  std::string extension = path.extension().string();
  std::transform(extension.begin(), extension.end(), extension.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  for (const Container& container : kContainers)
    if (extension == container.extension) return container;
  throw Error(ErrorCode::kUsage, path.string() + ": extension \"" + extension +
                                     "\": must be one of " + video_extensions());
}

const AVCodec& encoder_named(const char* name) {
  const AVCodec* codec = avcodec_find_encoder_by_name(name);
  if (codec == nullptr)
    throw Error(ErrorCode::kInternal, std::string("this libavcodec has no encoder ") + name);
  return *codec;
}

}  // namespace media
}  // namespace visema
