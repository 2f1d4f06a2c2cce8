#include <algorithm>
#include <cstring>
#include <string>

#include "encoder.h"
#include "libav_text.h"
#include "visema/core/error.h"

namespace visema::media {
namespace {

constexpr int kFallbackRate = 48000;
constexpr int kBitsPerChannel = 96000;

/// The rate itself where the encoder has it; live the rate with the shortest packets.
int encoder_rate(const AVCodec& encoder, const EncoderOptions& options) {
  const int rate_hz = options.audio_rate_hz;
  if (options.live) return kFallbackRate;
  for (const int* rate = encoder.supported_samplerates; rate != nullptr && *rate != 0; ++rate)
    if (*rate == rate_hz && encoder.id != AV_CODEC_ID_OPUS) return rate_hz;
  return kFallbackRate;
}

/// The count itself; libopus has no 2.1 and no 4.0 (RFC 7845, 5.1.1.2), they are mixed to stereo.
int encoder_channels(const AVCodec& encoder, int channels) {
  return encoder.id == AV_CODEC_ID_OPUS && (channels == 3 || channels == 4) ? 2 : channels;
}

const AVCodec& checked(const Container& container, const EncoderOptions& options) {
  if (options.audio_rate_hz < 1000 || options.audio_rate_hz > 768000 ||
      options.audio_channels < 1 || options.audio_channels > 8)
    throw Error(ErrorCode::kUsage, "sound of " + std::to_string(options.audio_channels) +
                                       " channels, " + std::to_string(options.audio_rate_hz) +
                                       " Hz: must be 1..8 channels, 1000..768000 Hz");
  return encoder_named(container.audio_encoder);
}

}  // namespace

SoundEncoder::SoundEncoder(const Container& container, const EncoderOptions& options,
                           bool global_header)
    : resampler_(options.audio_rate_hz, options.audio_channels,
                 encoder_rate(checked(container, options), options),
                 encoder_channels(checked(container, options), options.audio_channels)) {
  const AVCodec& encoder = encoder_named(container.audio_encoder);
  codec_ = not_null(CodecPtr(avcodec_alloc_context3(&encoder)));
  codec_->sample_rate = encoder_rate(encoder, options);
  const int channels = encoder_channels(encoder, options.audio_channels);
  av_channel_layout_default(&codec_->ch_layout, channels);
  codec_->sample_fmt = encoder.id == AV_CODEC_ID_OPUS ? AV_SAMPLE_FMT_FLT : AV_SAMPLE_FMT_FLTP;
  codec_->time_base = {1, codec_->sample_rate};
  codec_->bit_rate = std::int64_t{kBitsPerChannel} * channels;
  if (global_header) codec_->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
  const int code = avcodec_open2(codec_.get(), &encoder, nullptr);
  if (code < 0)
    throw Error(ErrorCode::kUsage, std::string(container.audio_encoder) + " refuses sound of " +
                                       std::to_string(options.audio_channels) + " channels, " +
                                       std::to_string(codec_->sample_rate) +
                                       " Hz: " + error_text(code));
}

void SoundEncoder::write(const AudioBlock& block, const PacketSink& sink) {
  if (count_ == 0) encoded_ = av_rescale(block.first, codec_->sample_rate, block.rate_hz);
  count_ += block.size();
  queue(resampler_.process(block), sink);
}

void SoundEncoder::queue(const AudioBlock& block, const PacketSink& sink) {
  queued_.insert(queued_.end(), block.samples.begin(), block.samples.end());
  const std::size_t frame = static_cast<std::size_t>(codec_->frame_size);
  const std::size_t channels = static_cast<std::size_t>(codec_->ch_layout.nb_channels);
  std::size_t used = 0;
  while (queued_.size() - used >= frame * channels) {
    encode(used, sink);
    used += frame * channels;
  }
  queued_.erase(queued_.begin(), queued_.begin() + static_cast<std::ptrdiff_t>(used));
}

/// Encodes one frame that starts at `from` in the queue, a shorter one at the end.
void SoundEncoder::encode(std::size_t from, const PacketSink& sink) {
  const int channels = codec_->ch_layout.nb_channels;
  const int samples =
      std::min(codec_->frame_size, static_cast<int>((queued_.size() - from) / channels));
  av_frame_unref(frame_.get());
  frame_->format = codec_->sample_fmt;
  frame_->sample_rate = codec_->sample_rate;
  frame_->nb_samples = samples;
  av_channel_layout_copy(&frame_->ch_layout, &codec_->ch_layout);
  if (av_frame_get_buffer(frame_.get(), 0) < 0) throw std::bad_alloc();
  const bool planar = av_sample_fmt_is_planar(codec_->sample_fmt);
  for (int c = 0; c < channels; ++c) {
    auto* out = reinterpret_cast<float*>(frame_->extended_data[planar ? c : 0]);
    for (int i = 0; i < samples; ++i)
      out[planar ? i : i * channels + c] =
          std::clamp(queued_[from + static_cast<std::size_t>(i) * channels + c], -1.0f, 1.0f);
  }
  frame_->pts = encoded_;
  encoded_ += samples;
  const int code = encode_frame(*codec_, frame_.get(), *packet_, sink);
  if (code < 0)
    throw Error(ErrorCode::kInternal, "encoding sound at sample " + std::to_string(frame_->pts) +
                                          ": " + error_text(code));
}

void SoundEncoder::finish(const PacketSink& sink) {
  queue(resampler_.finish(), sink);
  if (!queued_.empty()) encode(0, sink);
  queued_.clear();
  const int code = encode_frame(*codec_, nullptr, *packet_, sink);
  if (code < 0) throw Error(ErrorCode::kInternal, "encoding the last sound: " + error_text(code));
}

}  // namespace visema::media
