#pragma once

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libswresample/swresample.h>
#include <libswscale/swscale.h>
}

#include <memory>
#include <new>
#include <string>
#include <type_traits>
#include <utility>

namespace visema::media {

/// Frees a libav object with `Free`, which takes the pointer or the pointer's address.
template <auto Free>
struct Deleter {
  template <typename T>
  void operator()(T* object) const {
    if constexpr (std::is_invocable_v<decltype(Free), T**>) {
      Free(&object);
    } else {
      Free(object);
    }
  }
};

using FramePtr = std::unique_ptr<AVFrame, Deleter<av_frame_free>>;
using PacketPtr = std::unique_ptr<AVPacket, Deleter<av_packet_free>>;
using CodecPtr = std::unique_ptr<AVCodecContext, Deleter<avcodec_free_context>>;
using InputPtr = std::unique_ptr<AVFormatContext, Deleter<avformat_close_input>>;
using SwsPtr = std::unique_ptr<SwsContext, Deleter<sws_freeContext>>;
using SwrPtr = std::unique_ptr<SwrContext, Deleter<swr_free>>;

/// Named options; libav takes out those it knows.
class Options {
 public:
  Options() = default;
  ~Options() { av_dict_free(&dictionary_); }
  Options(Options&& other) noexcept : dictionary_(std::exchange(other.dictionary_, nullptr)) {}
  Options& operator=(Options&&) = delete;

  void set(const char* name, const std::string& value) {
    av_dict_set(&dictionary_, name, value.c_str(), 0);
  }
  AVDictionary** get() { return &dictionary_; }

 private:
  AVDictionary* dictionary_ = nullptr;
};

template <typename Ptr>
Ptr not_null(Ptr pointer) {
  if (!pointer) throw std::bad_alloc();
  return pointer;
}

inline FramePtr make_frame() {
  return not_null(FramePtr(av_frame_alloc()));
}
inline PacketPtr make_packet() {
  return not_null(PacketPtr(av_packet_alloc()));
}

}  // namespace visema::media
