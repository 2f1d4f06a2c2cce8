extern "C" {
#include <libavutil/opt.h>
}

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <string_view>

#include "encoder.h"
#include "libav_text.h"
#include "visema/core/error.h"
#include "visema/media/video_reader.h"

namespace visema::media {
namespace {

constexpr int kLiveCrf = 20;
constexpr int kLiveSpeed = 8;  // of VP9

/// x264's preset names, fastest first, and the VP9 speed that stands for each.
struct Preset {
  std::string_view name;
  const char* deadline;
  int cpu_used;
};
constexpr std::array<Preset, 10> kPresets = {{{"ultrafast", "realtime", 8},
                                              {"superfast", "realtime", 7},
                                              {"veryfast", "good", 5},
                                              {"faster", "good", 4},
                                              {"fast", "good", 4},
                                              {"medium", "good", 3},
                                              {"slow", "good", 2},
                                              {"slower", "good", 1},
                                              {"veryslow", "good", 0},
                                              {"placebo", "good", 0}}};

const Preset& preset_named(const std::string& name) {
  const std::string_view wanted = name.empty() ? "veryfast" : std::string_view(name);
  const auto found = std::find_if(kPresets.begin(), kPresets.end(),
                                  [&](const Preset& preset) { return preset.name == wanted; });
  if (found != kPresets.end()) return *found;
  std::string list;
  for (const Preset& preset : kPresets)
    list += (list.empty() ? "" : ", ") + std::string(preset.name);
  throw Error(ErrorCode::kUsage, "preset \"" + name + "\": must be one of " + list);
}

int quality(int crf, int by_default, int worst) {
  if (crf == -1) return by_default;
  if (crf >= 0 && crf <= worst) return crf;
  throw Error(ErrorCode::kUsage,
              "crf " + std::to_string(crf) + ": must be in 0.." + std::to_string(worst));
}

void check(const EncoderOptions& options) {
  const auto side_ok = [](int side) { return side >= 1 && side <= kMaxPictureSide; };
  if (!side_ok(options.width) || !side_ok(options.height))
    throw Error(ErrorCode::kUsage, "picture of " + std::to_string(options.width) + "x" +
                                       std::to_string(options.height) + ": sides must be 1.." +
                                       std::to_string(kMaxPictureSide));
  if (options.fps.num < 1 || options.fps.den < 1 || options.fps.num > INT32_MAX ||
      options.fps.den > INT32_MAX)
    throw Error(ErrorCode::kUsage, "frame rate " + to_string(options.fps) + ": must be positive");
  if (options.bitrate != 0 && (options.bitrate < 1000 || options.bitrate > 1'000'000'000))
    throw Error(ErrorCode::kUsage, "bitrate " + std::to_string(options.bitrate) +
                                       " bits a second: must be 1000..1000000000");
  if (!(options.keyframe_seconds > 0 && options.keyframe_seconds <= 60))
    throw Error(ErrorCode::kUsage, "key frame every " + std::to_string(options.keyframe_seconds) +
                                       " s: must be above 0, at most 60");
  if (options.threads < 0 || options.threads > 256)
    throw Error(ErrorCode::kUsage, "encoder threads " + std::to_string(options.threads) +
                                       ": must be 0..256 (0: as many as cores)");
}

FrameIndex distance(const EncoderOptions& options) {
  return std::max(1, static_cast<int>(std::ceil(options.fps.value() * options.keyframe_seconds)));
}

bool is_x264(const Container& container) {
  return container.video_encoder == std::string_view("libx264");
}

bool has_avx512() {
#if defined(__x86_64__)
  return __builtin_cpu_supports("avx512f") != 0;
#else
  return false;
#endif
}

void check_alpha(const Container& container, const EncoderOptions& options) {
  if (options.alpha && container.video_encoder != std::string_view("libvpx-vp9"))
    throw Error(ErrorCode::kUsage, std::string("transparency in ") + container.muxer + " (" +
                                       container.video_encoder +
                                       "): it carries none; must be .webm with VP9");
}

/// Rows and columns beyond the picture repeat its border.
void write_alpha(std::span<const std::uint8_t> alpha, const Image& image, AVFrame& frame) {
  const auto width = static_cast<std::size_t>(image.width);
  if (alpha.size() != width * static_cast<std::size_t>(image.height))
    throw Error(ErrorCode::kInternal, "a picture without the transparency that its video has");
  for (int y = 0; y < frame.height; ++y) {
    const std::uint8_t* from =
        alpha.data() + static_cast<std::size_t>(std::min(y, image.height - 1)) * width;
    std::uint8_t* to = frame.data[3] + static_cast<std::ptrdiff_t>(y) * frame.linesize[3];
    std::copy_n(from, width, to);
    std::fill(to + width, to + frame.width, from[width - 1]);
  }
}

Options encoder_options(const Container& container, const EncoderOptions& options) {
  Options result;
  const Preset& preset = preset_named(options.preset);
  if (is_x264(container)) {
    result.set("preset", std::string(preset.name));
    const int by_default = options.live ? kLiveCrf : 18;
    if (options.bitrate == 0)
      result.set("crf", std::to_string(quality(options.crf, by_default, 51)));
    if (options.live) {
      result.set("tune", "zerolatency");
      result.set("forced-idr", "1");
      result.set("sc_threshold", "0");
    } else if (has_avx512()) {
      // x264 164: its AVX-512 code for mbtree (not used live) reads memory that nobody wrote, so
      // that the same pictures may give other bytes.
      result.set("x264-params", "asm=avx2");
    }
  } else {
    if (options.alpha) result.set("auto-alt-ref", "0");  // libvpx has none with transparency
    if (options.live) result.set("lag-in-frames", "0");
    result.set("deadline", options.live ? "realtime" : preset.deadline);
    result.set("cpu-used", std::to_string(options.live ? kLiveSpeed : preset.cpu_used));
    result.set("row-mt", "1");
    if (options.bitrate == 0) result.set("crf", std::to_string(quality(options.crf, 28, 63)));
  }
  return result;
}

}  // namespace

int encode_frame(AVCodecContext& codec, const AVFrame* frame, AVPacket& packet,
                 const PacketSink& sink) {
  int code = avcodec_send_frame(&codec, frame);
  while (code >= 0) {
    code = avcodec_receive_packet(&codec, &packet);
    if (code >= 0) sink(packet);
    av_packet_unref(&packet);
  }
  return code == AVERROR(EAGAIN) || code == AVERROR_EOF ? 0 : code;
}

PictureEncoder::PictureEncoder(const Container& container, const EncoderOptions& options,
                               bool global_header)
    : converter_((check(options), check_alpha(container, options), options.width), options.height),
      keyframe_distance_(distance(options)),
      keyframes_by_number_(options.live) {
  const AVCodec& encoder = encoder_named(container.video_encoder);
  codec_ = not_null(CodecPtr(avcodec_alloc_context3(&encoder)));
  codec_->width = options.width + options.width % 2;
  codec_->height = options.height + options.height % 2;
  codec_->pix_fmt = options.alpha ? AV_PIX_FMT_YUVA420P : AV_PIX_FMT_YUV420P;
  codec_->colorspace = AVCOL_SPC_BT709;
  codec_->color_primaries = AVCOL_PRI_BT709;
  codec_->color_trc = AVCOL_TRC_BT709;
  codec_->color_range = AVCOL_RANGE_MPEG;
  codec_->chroma_sample_location = AVCHROMA_LOC_LEFT;
  codec_->sample_aspect_ratio = {1, 1};
  codec_->time_base = {static_cast<int>(options.fps.den), static_cast<int>(options.fps.num)};
  codec_->framerate = av_inv_q(codec_->time_base);
  codec_->gop_size = static_cast<int>(keyframe_distance_);
  codec_->bit_rate = options.bitrate;
  if (options.live) {  // a line of that width takes it
    codec_->rc_max_rate = options.bitrate;
    codec_->rc_buffer_size = static_cast<int>(options.bitrate);
  }
  codec_->thread_count = options.threads;
  if (global_header) codec_->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;

  const int code = avcodec_open2(codec_.get(), &encoder, encoder_options(container, options).get());
  if (code < 0)
    throw Error(ErrorCode::kUsage, std::string(container.video_encoder) + " refuses pictures of " +
                                       std::to_string(codec_->width) + "x" +
                                       std::to_string(codec_->height) + ", crf " +
                                       std::to_string(options.crf) + ", preset \"" +
                                       options.preset + "\": " + error_text(code));
  frame_->format = codec_->pix_fmt;
  frame_->width = codec_->width;
  frame_->height = codec_->height;
  frame_->colorspace = codec_->colorspace;
  frame_->color_range = codec_->color_range;
  if (av_frame_get_buffer(frame_.get(), 0) < 0) throw std::bad_alloc();
}

void PictureEncoder::write(const Image& image, std::span<const std::uint8_t> alpha,
                           FrameIndex number, const PacketSink& sink) {
  if (av_frame_make_writable(frame_.get()) < 0) throw std::bad_alloc();
  converter_.convert(image, *frame_);
  if (codec_->pix_fmt == AV_PIX_FMT_YUVA420P) write_alpha(alpha, image, *frame_);
  frame_->pts = number;
  const FrameIndex keyframes = number / keyframe_distance_;
  const bool key = keyframes_by_number_ && keyframes != keyframes_;
  frame_->pict_type = key ? AV_PICTURE_TYPE_I : AV_PICTURE_TYPE_NONE;
  keyframes_ = keyframes;
  ++count_;
  const int code = encode_frame(*codec_, frame_.get(), *packet_, sink);
  if (code < 0)
    throw Error(ErrorCode::kInternal,
                "encoding picture " + std::to_string(frame_->pts) + ": " + error_text(code));
}

void PictureEncoder::finish(const PacketSink& sink) {
  const int code = encode_frame(*codec_, nullptr, *packet_, sink);
  if (code < 0)
    throw Error(ErrorCode::kInternal, "encoding the last pictures: " + error_text(code));
}

}  // namespace visema::media
