#include "visema/media/probe.h"

#include <algorithm>

#include "frame_rate.h"
#include "input.h"
#include "stream_decoder.h"

namespace visema {
namespace {

StreamKind kind_of(AVMediaType type) {
  switch (type) {
    case AVMEDIA_TYPE_VIDEO:
      return StreamKind::kVideo;
    case AVMEDIA_TYPE_AUDIO:
      return StreamKind::kAudio;
    default:
      return StreamKind::kOther;
  }
}

StreamInfo describe_stream(const AVFormatContext& input, const AVStream& stream) {
  const AVCodecParameters& parameters = *stream.codecpar;
  StreamInfo info;
  info.kind = kind_of(parameters.codec_type);
  info.codec = avcodec_get_name(parameters.codec_id);
  const double unit = av_q2d(stream.time_base);
  if (stream.start_time != AV_NOPTS_VALUE) info.start_time_s = stream.start_time * unit;
  if (stream.duration > 0) {
    info.duration_s = static_cast<double>(stream.duration) * unit;
  } else if (input.duration > 0) {
    info.duration_s = static_cast<double>(input.duration) / AV_TIME_BASE;
  }
  if (info.kind == StreamKind::kVideo) {
    info.width = parameters.width;
    info.height = parameters.height;
    info.fps = media::average_frame_rate(stream);
    info.frames = stream.nb_frames;
  } else if (info.kind == StreamKind::kAudio) {
    info.rate_hz = parameters.sample_rate;
    info.channels = parameters.ch_layout.nb_channels;
  }
  return info;
}

/// Decodes the best stream of a kind and corrects what the header said.
void decode(const std::filesystem::path& path, AVMediaType type, MediaInfo& media) {
  media::StreamDecoder decoder(path, type, 1);
  StreamInfo& info = media.streams[static_cast<std::size_t>(decoder.stream().index)];
  const double unit = av_q2d(decoder.stream().time_base);
  double start = 0;
  double end = 0;
  info.frames = 0;
  bool first = true;
  while (const AVFrame* frame = decoder.next()) {
    const bool picture = type == AVMEDIA_TYPE_VIDEO;
    const std::int64_t count = picture ? 1 : frame->nb_samples;
    const double length =
        picture ? 1 / info.fps.value() : static_cast<double>(count) / frame->sample_rate;
    const double time = frame->best_effort_timestamp == AV_NOPTS_VALUE
                            ? end
                            : static_cast<double>(frame->best_effort_timestamp) * unit;
    start = first ? time : std::min(start, time);
    end = std::max(end, time + length);
    info.frames += count;
    first = false;
  }
  info.start_time_s = start;
  info.duration_s = end - start;
}

std::string version(const char* name, unsigned number) {
  return std::string(name) + " " + std::to_string(AV_VERSION_MAJOR(number)) + "." +
         std::to_string(AV_VERSION_MINOR(number)) + "." + std::to_string(AV_VERSION_MICRO(number));
}

}  // namespace

const StreamInfo* MediaInfo::first(StreamKind kind) const {
  const auto found = std::find_if(streams.begin(), streams.end(),
                                  [&](const StreamInfo& stream) { return stream.kind == kind; });
  return found == streams.end() ? nullptr : &*found;
}

MediaInfo probe(const std::filesystem::path& path, ProbeDepth depth) {
  const media::InputPtr input = media::open_input(path);
  MediaInfo info;
  info.format = input->iformat->name;
  if (input->duration > 0) info.duration_s = static_cast<double>(input->duration) / AV_TIME_BASE;
  for (unsigned i = 0; i < input->nb_streams; ++i)
    info.streams.push_back(describe_stream(*input, *input->streams[i]));
  if (depth == ProbeDepth::kDecoded) {
    for (const AVMediaType type : {AVMEDIA_TYPE_VIDEO, AVMEDIA_TYPE_AUDIO})
      if (media::best_stream(*input, type) >= 0) decode(path, type, info);
  }
  return info;
}

std::vector<std::string> libav_versions() {
  return {version("libavformat", avformat_version()), version("libavcodec", avcodec_version()),
          version("libavutil", avutil_version()), version("libswscale", swscale_version()),
          version("libswresample", swresample_version())};
}

}  // namespace visema
