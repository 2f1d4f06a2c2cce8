#include "visema/media/random_frame_reader.h"

#include <algorithm>
#include <deque>
#include <string>
#include <vector>

#include "packet_index.h"
#include "picture_stream.h"
#include "visema/core/error.h"

namespace visema {
namespace {

constexpr std::size_t kCacheFrames = 48;
constexpr std::size_t kCacheBytes = std::size_t{256} << 20;
constexpr FrameIndex kBackwardStep = 4;  // longer steps back are jumps

}  // namespace

struct RandomFrameReader::Impl {
  Impl(const std::filesystem::path& file, const VideoReaderOptions& options)
      : path(file), index(media::read_packet_index(file)), stream(file, options) {
    const auto& info = stream.info();
    const std::size_t bytes = static_cast<std::size_t>(info.width) * info.height * 3;
    window = std::clamp<std::size_t>(kCacheBytes / bytes, 1, kCacheFrames);
    if (!index.exact) count_by_decoding(options);
  }

  /// Leaves in index.timestamps one entry a frame; frames are then found by counting alone.
  void count_by_decoding(const VideoReaderOptions& options) {
    index.timestamps.clear();
    VideoReader counter(path, options);
    while (counter.skip()) index.timestamps.push_back(index.frame_count());
  }

  FrameIndex number_of(const AVFrame& frame) const {
    return index.exact ? index.frame_at(media::PictureStream::timestamp(frame)) : position + 1;
  }

  /// Puts the decoder where decoding on reaches `target` soonest.
  void approach(FrameIndex target) {
    if (!index.exact) {
      if (position >= target) restart();
      return;
    }
    std::size_t key = index.keyframe_before(target);
    if (position < target && index.keyframes[key] <= position + 1) return;
    // A demuxer may land behind the keyframe that it was asked for.
    for (const std::size_t back : {std::size_t{0}, std::size_t{1}, std::size_t{4}}) {
      if (key < back) break;
      if (land(index.timestamps[static_cast<std::size_t>(index.keyframes[key - back])], target))
        return;
    }
    restart();
  }

  bool land(std::int64_t timestamp, FrameIndex target) {
    if (!stream.seek(timestamp)) return false;
    AVFrame* frame = stream.next();
    if (frame == nullptr) return false;
    const FrameIndex number = number_of(*frame);
    stream.give_back(frame);
    if (number > target) return false;
    position = number - 1;
    return true;
  }

  void restart() {
    stream.rewind();
    position = -1;
  }

  void keep(FrameIndex number, const AVFrame& frame) {
    const std::int64_t timestamp = media::PictureStream::timestamp(frame);
    const double time = timestamp == AV_NOPTS_VALUE
                            ? static_cast<double>(number) / stream.info().fps.value()
                            : std::max(0.0, stream.seconds(timestamp));
    cache.push_back({number, time, stream.convert(frame)});
    while (cache.size() > window) cache.pop_front();
  }

  const VideoFrame* cached(FrameIndex number) const {
    const auto found = std::find_if(cache.begin(), cache.end(),
                                    [&](const VideoFrame& frame) { return frame.index == number; });
    return found == cache.end() ? nullptr : &*found;
  }

  /// Decodes from `from` on to `target` and keeps these frames.
  void load(FrameIndex from, FrameIndex target) {
    approach(from);
    cache.clear();
    av_frame_unref(last.get());
    while (position < target) {
      AVFrame* frame = stream.next();
      if (frame == nullptr) break;
      const FrameIndex number = number_of(*frame);
      if (number >= from) keep(number, *frame);
      position = std::max(position, number);
      if (number <= target) {
        av_frame_unref(last.get());
        if (av_frame_ref(last.get(), frame) < 0) throw std::bad_alloc();
      }
    }
  }

  VideoFrame at(FrameIndex number) {
    if (number < 0 || number >= index.frame_count())
      throw Error(ErrorCode::kInternal, path.string() + ": frame " + std::to_string(number) +
                                            ": must be in 0.." +
                                            std::to_string(index.frame_count() - 1));
    const FrameIndex step_back = requested - number;
    requested = number;
    if (cached(number) == nullptr) {
      const bool backward = step_back > 0 && step_back <= kBackwardStep;
      const FrameIndex span = backward ? static_cast<FrameIndex>(window) - 1 : 0;
      load(std::max<FrameIndex>(0, number - span), number);
    }
    if (const VideoFrame* frame = cached(number)) return *frame;
    // Not decodable: the last one before it stays.
    if (last->width == 0)
      throw Error(ErrorCode::kInput,
                  path.string() + ": frame " + std::to_string(number) + " cannot be decoded");
    keep(number, *last);
    return cache.back();
  }

  std::filesystem::path path;
  media::PacketIndex index;
  media::PictureStream stream;
  std::deque<VideoFrame> cache;
  media::FramePtr last = media::make_frame();  // the latest decoded up to the one asked for
  std::size_t window = 1;
  FrameIndex position = -1;  // last decoded
  FrameIndex requested = -1;
};

RandomFrameReader::RandomFrameReader(const std::filesystem::path& path,
                                     const VideoReaderOptions& options)
    : impl_(std::make_unique<Impl>(path, options)) {}
RandomFrameReader::~RandomFrameReader() = default;
RandomFrameReader::RandomFrameReader(RandomFrameReader&&) noexcept = default;
RandomFrameReader& RandomFrameReader::operator=(RandomFrameReader&&) noexcept = default;

const VideoInfo& RandomFrameReader::info() const {
  return impl_->stream.info();
}
FrameIndex RandomFrameReader::frame_count() const {
  return impl_->index.frame_count();
}
VideoFrame RandomFrameReader::at(FrameIndex index) {
  return impl_->at(index);
}

}  // namespace visema
