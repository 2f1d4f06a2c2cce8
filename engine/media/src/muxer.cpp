#include "muxer.h"

#include <new>

#include "libav_text.h"

namespace visema::media {

Muxer::Muxer(const Container& container, const PartFile& file)
    : container_(container), file_(file) {
  catch_libav_log();
  forget_libav_log();
  check(avformat_alloc_output_context2(&context_, nullptr, container.muxer,
                                       file_url(file.part()).c_str()));
  const int code = avio_open(&context_->pb, context_->url, AVIO_FLAG_WRITE);
  if (code >= 0) return;
  avformat_free_context(context_);
  check(code);
}

Muxer::~Muxer() {
  avio_closep(&context_->pb);
  avformat_free_context(context_);
}

void Muxer::check(int code) const {
  if (code < 0) fail_output(file_.path(), "cannot be written", code);
}

int Muxer::add_stream(const AVCodecContext& codec) {
  AVStream* stream = avformat_new_stream(context_, nullptr);
  if (stream == nullptr) throw std::bad_alloc();
  check(avcodec_parameters_from_context(stream->codecpar, &codec));
  stream->time_base = codec.time_base;
  if (codec.codec_type == AVMEDIA_TYPE_VIDEO) {
    stream->avg_frame_rate = codec.framerate;
    stream->r_frame_rate = codec.framerate;
  }
  return stream->index;
}

void Muxer::start() {
  Options options;
  if (container_.index_in_front) {
    options.set("movflags", "+faststart");
  } else {
    // Sample 0 and picture 0 are at 0 and what the sound's encoder puts before lies before 0. The
    // Matroska muxer by default moves all streams, for Opus a second time.
    context_->avoid_negative_ts = AVFMT_AVOID_NEG_TS_DISABLED;
  }
  check(avformat_write_header(context_, options.get()));
}

void Muxer::write(AVPacket& packet, int stream, AVRational time_base) {
  packet.stream_index = stream;
  av_packet_rescale_ts(&packet, time_base, context_->streams[stream]->time_base);
  check(av_interleaved_write_frame(context_, &packet));
}

void Muxer::finish() {
  check(av_write_trailer(context_));
  avio_flush(context_->pb);
  check(context_->pb->error);
  check(avio_closep(&context_->pb));
}

}  // namespace visema::media
