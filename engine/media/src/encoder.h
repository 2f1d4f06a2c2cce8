#pragma once

#include <functional>
#include <span>
#include <vector>

#include "container.h"
#include "handles.h"
#include "rgb_to_yuv.h"
#include "visema/core/image.h"
#include "visema/media/resampler.h"
#include "visema/media/video_writer.h"

namespace visema::media {

/// Takes encoded packets, in the encoder's time base.
using PacketSink = std::function<void(AVPacket&)>;

struct EncoderOptions : VideoWriterOptions {
  /// No picture is held back, sound in short packets, key frames at fixed indices.
  bool live = false;
  double keyframe_seconds = 5;
};

/// Pictures to packets; the presentation time is the picture's number.
class PictureEncoder {
 public:
  /// Throws Error(kUsage) for options that the encoder refuses.
  PictureEncoder(const Container& container, const EncoderOptions& options, bool global_header);
  const AVCodecContext& context() const { return *codec_; }
  /// Numbers rise. `alpha` where the options want it, else empty.
  void write(const Image& image, std::span<const std::uint8_t> alpha, FrameIndex number,
             const PacketSink& sink);
  void finish(const PacketSink& sink);
  FrameIndex count() const { return count_; }

 private:
  CodecPtr codec_;
  FramePtr frame_ = make_frame();
  PacketPtr packet_ = make_packet();
  RgbToYuv converter_;
  FrameIndex keyframe_distance_;
  bool keyframes_by_number_;
  FrameIndex keyframes_ = -1;  // the last number's part of keyframe_distance_
  FrameIndex count_ = 0;
};

/// Sound to packets; the presentation time is the sample's number at the encoder's rate. The first
/// block's number is kept, further blocks follow without a gap.
class SoundEncoder {
 public:
  SoundEncoder(const Container& container, const EncoderOptions& options, bool global_header);
  const AVCodecContext& context() const { return *codec_; }
  void write(const AudioBlock& block, const PacketSink& sink);
  void finish(const PacketSink& sink);
  /// Samples given to write, at the rate of the options.
  SampleIndex count() const { return count_; }

 private:
  void queue(const AudioBlock& block, const PacketSink& sink);
  void encode(std::size_t samples, const PacketSink& sink);

  CodecPtr codec_;
  FramePtr frame_ = make_frame();
  PacketPtr packet_ = make_packet();
  Resampler resampler_;
  std::vector<float> queued_;  // interleaved, at the encoder's rate
  SampleIndex count_ = 0;
  SampleIndex encoded_ = 0;
};

/// Sends a frame (null: the end) and hands on the packets that are ready. Returns libav's error.
int encode_frame(AVCodecContext& codec, const AVFrame* frame, AVPacket& packet,
                 const PacketSink& sink);

}  // namespace visema::media
