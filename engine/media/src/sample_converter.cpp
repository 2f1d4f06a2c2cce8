#include "sample_converter.h"

extern "C" {
#include <libavutil/opt.h>
}

#include <cmath>

#include "visema/core/error.h"

namespace visema::media {
namespace {

template <typename T>
std::int64_t zero_non_finite(std::uint8_t* bytes, std::int64_t count) {
  auto* values = reinterpret_cast<T*>(bytes);
  std::int64_t zeroed = 0;
  for (std::int64_t i = 0; i < count; ++i) {
    if (std::isfinite(values[i])) continue;
    values[i] = 0;
    ++zeroed;
  }
  return zeroed;
}

std::int64_t zero_non_finite(AVFrame& frame) {
  const auto format = static_cast<AVSampleFormat>(frame.format);
  const AVSampleFormat packed = av_get_packed_sample_fmt(format);
  if (packed != AV_SAMPLE_FMT_FLT && packed != AV_SAMPLE_FMT_DBL) return 0;
  if (av_frame_make_writable(&frame) < 0) throw std::bad_alloc();
  const int channels = frame.ch_layout.nb_channels;
  const int planes = av_sample_fmt_is_planar(format) ? channels : 1;
  const std::int64_t count = std::int64_t{frame.nb_samples} * channels / planes;
  std::int64_t zeroed = 0;
  for (int p = 0; p < planes; ++p) {
    zeroed += packed == AV_SAMPLE_FMT_FLT ? zero_non_finite<float>(frame.extended_data[p], count)
                                          : zero_non_finite<double>(frame.extended_data[p], count);
  }
  return zeroed;
}

}  // namespace

void named_layout(AVChannelLayout& out, const AVChannelLayout& layout) {
  if (layout.order == AV_CHANNEL_ORDER_UNSPEC) {
    av_channel_layout_default(&out, layout.nb_channels);
  } else {
    av_channel_layout_copy(&out, &layout);
  }
}

SampleConverter::SampleConverter(int channels) : channels_(channels) {}

SampleConverter::~SampleConverter() {
  av_channel_layout_uninit(&in_layout_);
}

void SampleConverter::prepare(const AVFrame& frame) {
  if (swr_ && frame.format == in_format_ &&
      av_channel_layout_compare(&frame.ch_layout, &in_layout_) == 0)
    return;
  in_format_ = frame.format;
  av_channel_layout_copy(&in_layout_, &frame.ch_layout);
  AVChannelLayout in{};
  AVChannelLayout out{};
  named_layout(in, frame.ch_layout);
  if (in.nb_channels == channels_) {
    av_channel_layout_copy(&out, &in);  // same channels in the same order
  } else {
    av_channel_layout_default(&out, channels_);
  }
  SwrContext* raw = nullptr;
  int code =
      swr_alloc_set_opts2(&raw, &out, AV_SAMPLE_FMT_FLT, frame.sample_rate, &in,
                          static_cast<AVSampleFormat>(frame.format), frame.sample_rate, 0, nullptr);
  swr_.reset(raw);
  av_channel_layout_uninit(&in);
  av_channel_layout_uninit(&out);
  if (code >= 0) code = av_opt_set_double(raw, "rematrix_maxval", 1.0, 0);
  if (code >= 0) code = swr_init(raw);
  if (code < 0)
    throw Error(ErrorCode::kInput, "sound of " + std::to_string(frame.ch_layout.nb_channels) +
                                       " channels cannot be turned into " +
                                       std::to_string(channels_));
}

AudioBlock SampleConverter::convert(AVFrame& frame) {
  prepare(frame);
  non_finite_ += zero_non_finite(frame);
  AudioBlock block{0, frame.sample_rate, channels_, {}};
  block.samples.resize(static_cast<std::size_t>(frame.nb_samples) * channels_);
  auto* out = reinterpret_cast<std::uint8_t*>(block.samples.data());
  const int count =
      swr_convert(swr_.get(), &out, frame.nb_samples,
                  const_cast<const std::uint8_t**>(frame.extended_data), frame.nb_samples);
  if (count != frame.nb_samples)
    throw Error(ErrorCode::kInternal, "sample conversion gave " + std::to_string(count) + " of " +
                                          std::to_string(frame.nb_samples) + " samples");
  return block;
}

}  // namespace visema::media
