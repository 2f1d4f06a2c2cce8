#include "stream_decoder.h"

#include "input.h"
#include "libav_text.h"
#include "visema/core/error.h"
#include "visema/media/video_reader.h"

namespace visema::media {
namespace {

/// The index names bytes that the file has not.
bool is_cut_short(AVFormatContext& input, AVStream& stream) {
  const std::int64_t size = input.pb != nullptr ? avio_size(input.pb) : -1;
  const int count = avformat_index_get_entries_count(&stream);
  if (size <= 0) return false;
  for (int i = 0; i < count; ++i) {
    const AVIndexEntry& entry = *avformat_index_get_entry(&stream, i);
    if (entry.pos + entry.size > size) return true;
  }
  return false;
}

/// What Matroska's demuxer reports, beside an ordinary end.
bool ended_too_early() {
  return last_libav_report().find("ended prematurely") != std::string::npos;
}

/// Encoder delay that the file does not declare but places before 0, as AAC in Matroska.
bool lies_before_start(const AVFrame& frame, AVRational time_base) {
  if (frame.best_effort_timestamp == AV_NOPTS_VALUE || frame.sample_rate <= 0) return false;
  const AVRational samples{1, frame.sample_rate};
  const std::int64_t length = av_rescale_q(frame.nb_samples, samples, time_base);
  return frame.best_effort_timestamp < 0 && frame.best_effort_timestamp + length <= 1;
}

}  // namespace

StreamDecoder::StreamDecoder(const std::filesystem::path& path, AVMediaType kind, int threads,
                             AVIOInterruptCB interrupt)
    : path_(path), input_(open_input(path, interrupt)), stream_(best_stream(*input_, kind)) {
  const char* name = kind == AVMEDIA_TYPE_VIDEO ? "picture" : "sound";
  if (stream_ < 0)
    throw Error(ErrorCode::kInput, path.string() + ": the file has no " + name + " (" +
                                       input_->iformat->long_name + ")");
  for (unsigned i = 0; i < input_->nb_streams; ++i)
    if (static_cast<int>(i) != stream_) input_->streams[i]->discard = AVDISCARD_ALL;

  const auto& parameters = *stream().codecpar;
  const AVCodec* decoder = avcodec_find_decoder(parameters.codec_id);
  if (decoder == nullptr)
    throw Error(ErrorCode::kInput, path.string() + ": " + name + " is coded in " +
                                       avcodec_get_name(parameters.codec_id) +
                                       ", for which libavcodec has no decoder");
  codec_ = not_null(CodecPtr(avcodec_alloc_context3(decoder)));
  int code = avcodec_parameters_to_context(codec_.get(), &parameters);
  codec_->thread_count = threads;
  codec_->pkt_timebase = stream().time_base;
  codec_->max_pixels = std::int64_t{kMaxPictureSide} * kMaxPictureSide;
  if (code >= 0) code = avcodec_open2(codec_.get(), decoder, nullptr);
  if (code < 0)
    fail_input(path, std::string("the decoder of its ") + name + " does not start", code);
  damaged_ = is_cut_short(*input_, stream());
}

AVPacket* StreamDecoder::next_packet() {
  while (true) {
    av_packet_unref(packet_.get());
    forget_libav_log();
    const int code = av_read_frame(input_.get(), packet_.get());
    if (code < 0) {
      if (code != AVERROR_EOF || (input_->pb != nullptr && input_->pb->error < 0) ||
          ended_too_early())
        damaged_ = true;
      return nullptr;
    }
    if (packet_->stream_index != stream_) continue;
    if (!(packet_->flags & AV_PKT_FLAG_CORRUPT)) return packet_.get();
    damaged_ = true;
    // Half a packet of plain samples is good, half a packet of anything coded is not.
    if (av_get_bits_per_sample(stream().codecpar->codec_id) > 0) return packet_.get();
  }
}

void StreamDecoder::feed() {
  AVPacket* packet = next_packet();
  if (packet == nullptr) draining_ = true;
  const int code = avcodec_send_packet(codec_.get(), packet);
  if (code < 0 && code != AVERROR_EOF) damaged_ = true;
}

AVFrame* StreamDecoder::next() {
  while (true) {
    av_frame_unref(frame_.get());
    const int code = avcodec_receive_frame(codec_.get(), frame_.get());
    if (code >= 0) {
      if (frame_->decode_error_flags != 0 || (frame_->flags & AV_FRAME_FLAG_CORRUPT))
        damaged_ = true;
      if (lies_before_start(*frame_, stream().time_base)) continue;
      return frame_.get();
    }
    if (code == AVERROR_EOF) return nullptr;
    if (code != AVERROR(EAGAIN)) {
      damaged_ = true;
      if (draining_) return nullptr;
    }
    feed();
  }
}

bool StreamDecoder::seek(std::int64_t timestamp) {
  avcodec_flush_buffers(codec_.get());
  draining_ = false;
  return avformat_seek_file(input_.get(), stream_, INT64_MIN, timestamp, timestamp, 0) >= 0;
}

}  // namespace visema::media
