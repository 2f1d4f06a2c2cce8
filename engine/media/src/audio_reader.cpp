#include "visema/media/audio_reader.h"

#include <cmath>
#include <limits>
#include <utility>

#include "sample_converter.h"
#include "stream_decoder.h"
#include "visema/core/error.h"
#include "visema/media/resampler.h"

namespace visema {

struct AudioReader::Impl {
  Impl(const std::filesystem::path& path, const AudioReaderOptions& options)
      : stop(options.stop), decoder((check(options), path), AVMEDIA_TYPE_AUDIO, 1, interrupt()) {
    const AVFrame* frame = next_frame();
    if (frame == nullptr)
      throw Error(ErrorCode::kInput,
                  path.string() + ": the sound is empty" +
                      (decoder.damaged() ? " or none of it can be decoded" : ""));
    const AVStream& stream = decoder.stream();
    info.source_rate_hz = frame->sample_rate;
    info.source_channels = frame->ch_layout.nb_channels;
    info.rate_hz = options.rate_hz > 0 ? options.rate_hz : info.source_rate_hz;
    info.channels = options.channels > 0 ? options.channels : info.source_channels;
    info.codec = avcodec_get_name(stream.codecpar->codec_id);
    info.duration_s = duration();
    if (std::isnan(info.duration_s)) info.duration_s = 0;
    pending = true;
    current = const_cast<AVFrame*>(frame);
    converter.emplace(info.channels);
  }

  /// libav keeps the address: `this` stays where it is.
  AVIOInterruptCB interrupt() {
    if (!stop.stop_possible()) return {};
    return {[](void* self) { return static_cast<Impl*>(self)->stop.stop_requested() ? 1 : 0; },
            this};
  }

  static void check(const AudioReaderOptions& options) {
    if (options.rate_hz != 0 && (options.rate_hz < 1000 || options.rate_hz > 768000))
      throw Error(ErrorCode::kUsage, "audio rate " + std::to_string(options.rate_hz) +
                                         " Hz: must be 1000..768000, or 0 for the file's");
    if (options.channels < 0 || options.channels > 64)
      throw Error(ErrorCode::kUsage, "audio channels " + std::to_string(options.channels) +
                                         ": must be 1..64, or 0 for the file's");
  }

  double duration() const {
    const AVStream& stream = decoder.stream();
    if (stream.duration > 0) return static_cast<double>(stream.duration) * av_q2d(stream.time_base);
    const std::int64_t whole = decoder.input().duration;
    return whole > 0 ? static_cast<double>(whole) / AV_TIME_BASE : 0;
  }

  AVFrame* next_frame() {
    if (std::exchange(pending, false)) return current;
    while (AVFrame* frame = decoder.next())
      if (frame->nb_samples > 0) return frame;
    return nullptr;
  }

  /// Decoded sound at the file's rate goes in, what is ready at the wanted rate comes out.
  AudioBlock convert(AVFrame& frame) {
    AudioBlock block = converter->convert(frame);
    if (block.rate_hz == info.rate_hz && !resampler) return block;
    AudioBlock out{0, info.rate_hz, info.channels, {}};
    if (resampler && block.rate_hz != resampler_rate) out = finish();
    if (!resampler) {
      resampler.emplace(block.rate_hz, info.channels, info.rate_hz, info.channels);
      resampler_rate = block.rate_hz;
      resampled_in = 0;
    }
    block.first = resampled_in;
    resampled_in += block.size();
    const AudioBlock more = resampler->process(block);
    out.samples.insert(out.samples.end(), more.samples.begin(), more.samples.end());
    return out;
  }

  AudioBlock finish() {
    AudioBlock rest{0, info.rate_hz, info.channels, {}};
    if (resampler) rest = resampler->finish();
    resampler.reset();
    return rest;
  }

  std::optional<AudioBlock> read() {
    while (!ended) {
      AVFrame* frame = next_frame();
      AudioBlock block = frame != nullptr ? convert(*frame) : finish();
      ended = frame == nullptr;
      if (block.samples.empty()) continue;
      block.first = delivered;
      delivered += block.size();
      return block;
    }
    return std::nullopt;
  }

  const std::stop_token stop;
  media::StreamDecoder decoder;
  AudioInfo info;
  std::optional<media::SampleConverter> converter;
  std::optional<Resampler> resampler;
  int resampler_rate = 0;
  SampleIndex resampled_in = 0;
  SampleIndex delivered = 0;
  AVFrame* current = nullptr;
  bool pending = false;
  bool ended = false;
};

AudioReader::AudioReader(const std::filesystem::path& path, const AudioReaderOptions& options)
    : impl_(std::make_unique<Impl>(path, options)) {}
AudioReader::~AudioReader() = default;
AudioReader::AudioReader(AudioReader&&) noexcept = default;
AudioReader& AudioReader::operator=(AudioReader&&) noexcept = default;

const AudioInfo& AudioReader::info() const {
  return impl_->info;
}
std::optional<AudioBlock> AudioReader::read() {
  return impl_->read();
}
std::int64_t AudioReader::non_finite() const {
  return impl_->converter->non_finite();
}
bool AudioReader::damaged() const {
  return impl_->decoder.damaged();
}

}  // namespace visema
