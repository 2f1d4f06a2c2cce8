#include "live_stream.h"

#include <algorithm>
#include <chrono>
#include <span>
#include <string>

#include "libav_text.h"
#include "live_muxing.h"
#include "visema/core/error.h"

namespace visema::media {
namespace {

constexpr std::chrono::seconds kConnectLimit{10};
constexpr std::chrono::hours kListenLimit{24 * 365};
constexpr std::chrono::seconds kWriteLimit{5};
constexpr SampleIndex kLongestGapSeconds = 10;

std::span<const std::uint8_t> alpha_of(const LiveFrame& frame) {
  return frame.alpha ? std::span<const std::uint8_t>(*frame.alpha)
                     : std::span<const std::uint8_t>();
}

}  // namespace

EncoderOptions live_encoding(const LiveTarget& target, const LiveOutputOptions& options) {
  EncoderOptions encoding;
  encoding.width = options.width;
  encoding.height = options.height;
  encoding.fps = options.fps;
  encoding.audio_rate_hz = options.audio_rate_hz;
  encoding.audio_channels = options.audio_channels;
  encoding.preset = options.preset;
  encoding.bitrate = options.bitrate;
  encoding.live = true;
  encoding.alpha = options.alpha;
  encoding.keyframe_seconds = options.keyframe_seconds;
  if (target.kind == LiveKind::kHls)
    encoding.keyframe_seconds = std::min(options.keyframe_seconds, options.hls_segment_seconds);
  return encoding;
}

LiveStream::LiveStream(const LiveTarget& target, const LiveOutputOptions& options,
                       Interrupt& interrupt)
    : target_(target), interrupt_(interrupt) {
  if (target.kind == LiveKind::kFile) {
    file_.emplace(target.path);
    file_->rescue_leftover();
  }
  const bool listens = target.text.find("mode=listener") != std::string::npos;
  interrupt.allow(listens ? Interrupt::Clock::duration(kListenLimit) : kConnectLimit);
  muxer_.emplace(live_muxing(target, options, file_ ? file_->part() : target.path, interrupt));
  const EncoderOptions encoding = live_encoding(target, options);
  const bool header = muxer_->wants_global_header();
  pictures_.emplace(*target.container, encoding, header);
  picture_stream_ = muxer_->add_stream(pictures_->context());
  if (options.audio_rate_hz > 0 && target.container->audio_encoder != nullptr) {
    sound_.emplace(*target.container, encoding, header);
    sound_stream_ = muxer_->add_stream(sound_->context());
  }
  muxer_->start();
  // The window's muxer reports that there is no display, but does not fail.
  if (target.kind == LiveKind::kPreview && !last_libav_report().empty())
    throw Error(ErrorCode::kOutput,
                target.text + ": no window can be opened: " + last_libav_report());
}

PacketSink LiveStream::sink(int stream, const AVCodecContext& codec) {
  return [this, stream, time_base = codec.time_base](AVPacket& packet) {
    if (packet.duration == 0) packet.duration = 1;
    bytes_ += packet.size;
    interrupt_.allow(kWriteLimit);
    muxer_->write(packet, stream, time_base);
  };
}

void LiveStream::write(const LiveFrame& frame) {
  if (file_) file_->keep();
  if (sound_ && frame.sound) write_sound(*frame.sound);
  if (frame.picture)
    pictures_->write(*frame.picture, alpha_of(frame), frame.index,
                     sink(picture_stream_, pictures_->context()));
}

void LiveStream::write_sound(const AudioBlock& block) {
  const SampleIndex gap = next_sample_ < 0 ? 0 : block.first - next_sample_;
  if (gap < 0 || gap > kLongestGapSeconds * block.rate_hz)
    throw Error(ErrorCode::kOutput, target_.text + ": sound goes on at sample " +
                                        std::to_string(block.first) + " instead of " +
                                        std::to_string(next_sample_));
  if (gap > 0) write_silence(gap, block);
  sound_->write(block, sink(sound_stream_, sound_->context()));
  next_sample_ = block.first + block.size();
}

void LiveStream::write_silence(SampleIndex count, const AudioBlock& like) {
  AudioBlock silence{next_sample_, like.rate_hz, like.channels, {}};
  silence.samples.resize(static_cast<std::size_t>(count) * like.channels);
  sound_->write(silence, sink(sound_stream_, sound_->context()));
}

void LiveStream::finish() {
  if (pictures_->count() == 0) return;
  if (sound_ && sound_->count() > 0) sound_->finish(sink(sound_stream_, sound_->context()));
  pictures_->finish(sink(picture_stream_, pictures_->context()));
  interrupt_.allow(kWriteLimit);
  muxer_->finish();
  if (file_) file_->commit();
}

}  // namespace visema::media
