#include "colour.h"

extern "C" {
#include <libavutil/opt.h>
#include <libavutil/pixdesc.h>
}

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>
#include <vector>

#include "matrix.h"
#include "visema/core/error.h"
#include "yuv_to_rgb.h"

namespace visema::media {
namespace {

constexpr int kBackground = 128;  // grey behind transparent pixels

bool is_planar_yuv8(AVPixelFormat format) {
  switch (format) {
    case AV_PIX_FMT_YUV420P:
    case AV_PIX_FMT_YUV422P:
    case AV_PIX_FMT_YUV440P:
    case AV_PIX_FMT_YUV444P:
    case AV_PIX_FMT_GRAY8:
      return true;
    default:
      return false;
  }
}

/// The format between: one that yuv_to_rgb takes for luma and chroma, else RGB with or without
/// alpha.
AVPixelFormat middle_format(AVPixelFormat format) {
  const AVPixFmtDescriptor* description = av_pix_fmt_desc_get(format);
  if (description == nullptr) return AV_PIX_FMT_RGB24;
  if (description->flags & AV_PIX_FMT_FLAG_ALPHA) return AV_PIX_FMT_RGBA;
  if (description->flags & (AV_PIX_FMT_FLAG_RGB | AV_PIX_FMT_FLAG_PAL) ||
      format == AV_PIX_FMT_XYZ12LE || format == AV_PIX_FMT_XYZ12BE ||
      format == AV_PIX_FMT_MONOBLACK || format == AV_PIX_FMT_MONOWHITE)
    return AV_PIX_FMT_RGB24;
  return description->nb_components == 1 ? AV_PIX_FMT_GRAY8 : AV_PIX_FMT_YUV444P;
}

YuvPicture describe(const AVFrame& frame, AVPixelFormat format) {
  YuvPicture picture;
  picture.width = frame.width;
  picture.height = frame.height;
  const AVPixFmtDescriptor* description = av_pix_fmt_desc_get(format);
  for (int p = 0; p < description->nb_components; ++p) {
    picture.planes[p] = frame.data[p];
    picture.strides[p] = frame.linesize[p];
  }
  picture.half_width = description->log2_chroma_w == 1;
  picture.half_height = description->log2_chroma_h == 1;
  const AVChromaLocation place = frame.chroma_location;
  picture.horizontal =
      place == AVCHROMA_LOC_CENTER || place == AVCHROMA_LOC_TOP || place == AVCHROMA_LOC_BOTTOM
          ? Siting::kBetween
          : Siting::kFirst;
  picture.vertical = place == AVCHROMA_LOC_TOPLEFT || place == AVCHROMA_LOC_TOP ? Siting::kFirst
                                                                                : Siting::kBetween;
  picture.weights = luma_weights_of(frame);
  picture.full_range = has_full_range(frame);
  return picture;
}

Image over_grey(const std::vector<std::uint8_t>& rgba, int width, int height) {
  Image image(width, height);
  for (std::size_t i = 0; i < image.rgb.size() / 3; ++i) {
    const int alpha = rgba[4 * i + 3];
    for (std::size_t c = 0; c < 3; ++c) {
      const int sum = rgba[4 * i + c] * alpha + kBackground * (255 - alpha);
      image.rgb[3 * i + c] = static_cast<std::uint8_t>((sum + 127) / 255);
    }
  }
  return image;
}

const int* swscale_matrix(const AVFrame& frame) {
  const LumaWeights weights = luma_weights_of(frame);
  return sws_getCoefficients(weights.red == kBt601.red    ? SWS_CS_ITU601
                             : weights.red == kBt2020.red ? SWS_CS_BT2020
                                                          : SWS_CS_ITU709);
}

}  // namespace

void RgbConverter::prepare(const AVFrame& frame, AVPixelFormat format, int width, int height) {
  const int key[6] = {frame.width, frame.height, frame.format, frame.color_range, width, height};
  if (sws_ && std::equal(std::begin(key), std::end(key), key_)) return;
  std::copy(std::begin(key), std::end(key), key_);
  const bool scaled = width != frame.width || height != frame.height;
  sws_.reset(sws_alloc_context());
  SwsContext* sws = not_null(sws_.get());
  av_opt_set_int(sws, "srcw", frame.width, 0);
  av_opt_set_int(sws, "srch", frame.height, 0);
  av_opt_set_int(sws, "src_format", without_range(static_cast<AVPixelFormat>(frame.format)), 0);
  av_opt_set_int(sws, "dstw", width, 0);
  av_opt_set_int(sws, "dsth", height, 0);
  av_opt_set_int(sws, "dst_format", format, 0);
  av_opt_set_int(sws, "sws_flags",
                 (scaled ? SWS_BICUBIC : SWS_BILINEAR) | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INT, 0);
  if (sws_init_context(sws, nullptr, nullptr) < 0) {
    sws_.reset();
    const char* name = av_get_pix_fmt_name(static_cast<AVPixelFormat>(frame.format));
    throw Error(ErrorCode::kInput, std::string("pixel format ") + (name ? name : "unknown") + ", " +
                                       std::to_string(frame.width) + "x" +
                                       std::to_string(frame.height) + ": cannot be converted");
  }
  const bool to_rgb = format == AV_PIX_FMT_RGB24 || format == AV_PIX_FMT_RGBA;
  // From planes to planes the same matrix and range: luma and chroma stay as they are.
  const int* matrix = swscale_matrix(frame);
  const int range = to_rgb ? has_full_range(frame) : 0;
  sws_setColorspaceDetails(sws, matrix, range,
                           to_rgb ? sws_getCoefficients(SWS_CS_DEFAULT) : matrix, to_rgb ? 1 : 0, 0,
                           1 << 16, 1 << 16);
}

Image RgbConverter::rescale_to_rgb(const AVFrame& frame, AVPixelFormat format, int width,
                                   int height) {
  const bool transparent = format == AV_PIX_FMT_RGBA;
  Image image;
  std::vector<std::uint8_t> rgba;
  if (transparent) {
    rgba.resize(static_cast<std::size_t>(width) * height * 4);
  } else {
    image = Image(width, height);
  }
  std::uint8_t* planes[4] = {transparent ? rgba.data() : image.rgb.data()};
  const int strides[4] = {width * (transparent ? 4 : 3)};
  sws_scale(sws_.get(), frame.data, frame.linesize, 0, frame.height, planes, strides);
  return transparent ? over_grey(rgba, width, height) : image;
}

Image RgbConverter::rescale_to_planes(const AVFrame& frame, AVPixelFormat format, int width,
                                      int height) {
  const FramePtr planes = make_frame();
  planes->format = format;
  planes->width = width;
  planes->height = height;
  if (av_frame_get_buffer(planes.get(), 0) < 0) throw std::bad_alloc();
  sws_scale(sws_.get(), frame.data, frame.linesize, 0, frame.height, planes->data,
            planes->linesize);
  YuvPicture picture = describe(*planes, format);
  picture.weights = luma_weights_of(frame);
  picture.full_range = has_full_range(frame);
  return yuv_to_rgb(picture);
}

Image RgbConverter::convert(const AVFrame& frame, int width, int height) {
  const AVPixelFormat format = without_range(static_cast<AVPixelFormat>(frame.format));
  if (is_planar_yuv8(format) && width == frame.width && height == frame.height)
    return yuv_to_rgb(describe(frame, format));
  const AVPixelFormat middle = middle_format(format);
  prepare(frame, middle, width, height);
  return middle == AV_PIX_FMT_RGB24 || middle == AV_PIX_FMT_RGBA
             ? rescale_to_rgb(frame, middle, width, height)
             : rescale_to_planes(frame, middle, width, height);
}

}  // namespace visema::media
