#include "muxer.h"

#include <algorithm>
#include <new>
#include <utility>

#include "libav_text.h"

namespace visema::media {

Muxer::Muxer(MuxerTarget target) : target_(std::move(target)) {
  catch_libav_log();
  forget_libav_log();
  check(avformat_alloc_output_context2(&context_, nullptr, target_.format, target_.url.c_str()));
  context_->interrupt_callback = target_.interrupt;
  if (target_.live) context_->flags |= AVFMT_FLAG_FLUSH_PACKETS;
  if (opens_itself()) return;
  const int code = avio_open2(&context_->pb, context_->url, AVIO_FLAG_WRITE, &target_.interrupt,
                              target_.options.get());
  if (code >= 0) return;
  avformat_free_context(context_);
  check(code);
}

Muxer::~Muxer() {
  // Some muxers free what they hold, and close devices, only here.
  if (started_ && target_.live) av_write_trailer(context_);
  if (!opens_itself()) avio_closep(&context_->pb);
  avformat_free_context(context_);
}

void Muxer::check(int code) const {
  if (code < 0) fail_output(target_.name, "cannot be written", code);
}

int Muxer::add_stream(const AVCodecContext& codec) {
  AVStream* stream = avformat_new_stream(context_, nullptr);
  if (stream == nullptr) throw std::bad_alloc();
  check(avcodec_parameters_from_context(stream->codecpar, &codec));
  stream->time_base = codec.time_base;
  silent_.insert(stream->index);
  if (codec.codec_type == AVMEDIA_TYPE_VIDEO) {
    stream->avg_frame_rate = codec.framerate;
    stream->r_frame_rate = codec.framerate;
    if (codec.pix_fmt == AV_PIX_FMT_YUVA420P) av_dict_set(&stream->metadata, "alpha_mode", "1", 0);
  }
  return stream->index;
}

void Muxer::place_times() {
  if (target_.negative_times || target_.live)
    context_->avoid_negative_ts = AVFMT_AVOID_NEG_TS_DISABLED;
  if (target_.negative_times) return;
  // A connection that is made later must not place its times otherwise than the first one did.
  for (unsigned i = 0; target_.live && i < context_->nb_streams; ++i) {
    const AVCodecParameters& codec = *context_->streams[i]->codecpar;
    if (codec.sample_rate > 0)
      context_->output_ts_offset =
          av_rescale_rnd(codec.initial_padding, AV_TIME_BASE, codec.sample_rate, AV_ROUND_UP);
  }
}

void Muxer::start() {
  place_times();
  check(avformat_write_header(context_, target_.options.get()));
  started_ = true;
}

void Muxer::write(AVPacket& packet, int stream, AVRational time_base) {
  packet.stream_index = stream;
  av_packet_rescale_ts(&packet, time_base, context_->streams[stream]->time_base);
  const bool in_order = target_.in_order || !silent_.empty();
  check(in_order ? av_interleaved_write_frame(context_, &packet)
                 : av_write_frame(context_, &packet));
  // At its start every stream waits for the others: FLV demands the earliest time first.
  if (silent_.erase(stream) > 0 && silent_.empty() && !target_.in_order)
    check(av_interleaved_write_frame(context_, nullptr));
}

void Muxer::finish() {
  started_ = false;
  check(av_write_trailer(context_));
  if (opens_itself()) return;
  avio_flush(context_->pb);
  check(context_->pb->error);
  check(avio_closep(&context_->pb));
}

}  // namespace visema::media
