#include "visema/media/video_reader.h"

#include "input.h"
#include "picture_stream.h"

namespace visema {

struct VideoReader::Impl {
  Impl(const std::filesystem::path& path, const VideoReaderOptions& options)
      : stream(path, options) {}

  /// The next frame; its index and time are in the members.
  AVFrame* next() {
    AVFrame* frame = ended ? nullptr : stream.next();
    if (frame == nullptr) {
      ended = true;
      return nullptr;
    }
    ++index;
    check_time(*frame);
    const double step = 1 / stream.info().fps.value();
    const std::int64_t timestamp = media::PictureStream::timestamp(*frame);
    const double time = timestamp == AV_NOPTS_VALUE ? -1 : stream.seconds(timestamp);
    time_s = index == 0 ? 0 : time > time_s ? time : time_s + step;
    if (stream.info().still) ended = true;
    return frame;
  }

  void check_time(const AVFrame& frame) {
    const std::int64_t own = media::PictureStream::own_timestamp(frame);
    if (stream.info().still) return;
    if (own == AV_NOPTS_VALUE || (last_own != AV_NOPTS_VALUE && own <= last_own)) ++pts_errors;
    if (own != AV_NOPTS_VALUE) last_own = own;
  }

  media::PictureStream stream;
  FrameIndex index = -1;
  double time_s = 0;
  std::int64_t last_own = AV_NOPTS_VALUE;
  std::int64_t pts_errors = 0;
  bool ended = false;
};

VideoReader::VideoReader(const std::filesystem::path& path, const VideoReaderOptions& options)
    : impl_(std::make_unique<Impl>(path, options)) {}
VideoReader::~VideoReader() = default;
VideoReader::VideoReader(VideoReader&&) noexcept = default;
VideoReader& VideoReader::operator=(VideoReader&&) noexcept = default;

const VideoInfo& VideoReader::info() const {
  return impl_->stream.info();
}

std::optional<VideoFrame> VideoReader::read() {
  const AVFrame* frame = impl_->next();
  if (frame == nullptr) return std::nullopt;
  return VideoFrame{impl_->index, impl_->time_s, impl_->stream.convert(*frame)};
}

bool VideoReader::skip() {
  return impl_->next() != nullptr;
}

bool VideoReader::damaged() const {
  return impl_->stream.decoder().damaged();
}

std::int64_t VideoReader::pts_errors() const {
  return impl_->pts_errors;
}

Image read_image(const std::filesystem::path& path) {
  return VideoReader(path).read()->image;
}

bool is_still_image(const std::filesystem::path& path) {
  VideoReader reader(path);
  if (reader.info().still) return true;
  const std::string& codec = reader.info().codec;
  return (codec == "gif" || codec == "apng") && reader.skip() && !reader.skip();
}

}  // namespace visema
