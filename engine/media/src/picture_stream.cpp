#include "picture_stream.h"

extern "C" {
#include <libavutil/display.h>
}

#include <algorithm>
#include <cmath>
#include <utility>

#include "frame_rate.h"
#include "input.h"
#include "libav_text.h"

namespace visema::media {
namespace {

/// Width of the frame in square pixels.
int square_width(StreamDecoder& decoder, AVFrame& frame) {
  const AVRational aspect =
      av_guess_sample_aspect_ratio(&decoder.input(), &decoder.stream(), &frame);
  if (aspect.num <= 0 || aspect.den <= 0) return frame.width;
  const double ratio = av_q2d(aspect);
  if (std::abs(ratio - 1) < 0.01 || ratio < 0.1 || ratio > 10) return frame.width;
  return std::max(1, static_cast<int>(std::lround(frame.width * ratio)));
}

double duration_of(const StreamDecoder& decoder) {
  const AVStream& stream = decoder.stream();
  if (stream.duration > 0) return static_cast<double>(stream.duration) * av_q2d(stream.time_base);
  const std::int64_t whole = decoder.input().duration;
  return whole > 0 ? static_cast<double>(whole) / AV_TIME_BASE : 0;
}

}  // namespace

PictureStream::PictureStream(const std::filesystem::path& path, const VideoReaderOptions& options)
    : path_(path), options_(options), decoder_(path, AVMEDIA_TYPE_VIDEO, options.threads) {
  read_first();
  fill_info();
}

void PictureStream::read_first() {
  pending_ = decoder_.next();
  if (pending_ == nullptr)
    fail_input(path_, "no frame of it can be decoded",
               decoder_.damaged() ? AVERROR_INVALIDDATA : AVERROR_EOF);
  first_timestamp_ = timestamp(*pending_);
}

void PictureStream::fill_info() {
  const AVStream& stream = decoder_.stream();
  stream_orientation_ = orientation_of(reinterpret_cast<const std::int32_t*>(
      av_stream_get_side_data(&stream, AV_PKT_DATA_DISPLAYMATRIX, nullptr)));
  coded_width_ = square_width(decoder_, *pending_);
  coded_height_ = pending_->height;
  check_picture_size(path_, coded_width_, coded_height_);
  const bool turned = orientation(*pending_).transpose;
  info_.width = turned ? coded_height_ : coded_width_;
  info_.height = turned ? coded_width_ : coded_height_;
  info_.codec = avcodec_get_name(stream.codecpar->codec_id);
  info_.has_audio = best_stream(decoder_.input(), AVMEDIA_TYPE_AUDIO) >= 0;
  info_.still = is_picture_format(decoder_.input());
  info_.fps = average_frame_rate(stream);
  if (info_.still) {
    info_.frame_count_estimate = 1;
    info_.duration_s = 1 / info_.fps.value();
    return;
  }
  info_.variable_frame_rate = has_variable_frame_rate(path_, stream);
  info_.duration_s = duration_of(decoder_);
  info_.frame_count_estimate =
      stream.nb_frames > 0 ? stream.nb_frames : std::llround(info_.duration_s * info_.fps.value());
}

Orientation PictureStream::orientation(const AVFrame& frame) const {
  const AVFrameSideData* data = av_frame_get_side_data(&frame, AV_FRAME_DATA_DISPLAYMATRIX);
  return data == nullptr ? stream_orientation_
                         : orientation_of(reinterpret_cast<const std::int32_t*>(data->data));
}

AVFrame* PictureStream::next() {
  if (pending_ != nullptr) return std::exchange(pending_, nullptr);
  return decoder_.next();
}

void PictureStream::rewind() {
  pending_ = nullptr;
  decoder_ = StreamDecoder(path_, AVMEDIA_TYPE_VIDEO, options_.threads);
}

bool PictureStream::seek(std::int64_t timestamp) {
  pending_ = nullptr;
  return decoder_.seek(timestamp);
}

Image PictureStream::convert(const AVFrame& frame) {
  const Orientation turn = orientation(frame);
  Image image = upright(converter_.convert(frame, coded_width_, coded_height_), turn);
  if (image.width == info_.width && image.height == info_.height) return image;
  // A frame that alone is turned otherwise: keep the size, not the turn.
  return converter_.convert(frame, info_.width, info_.height);
}

double PictureStream::seconds(std::int64_t timestamp) const {
  return static_cast<double>(timestamp - first_timestamp_) * av_q2d(decoder_.stream().time_base);
}

}  // namespace visema::media
