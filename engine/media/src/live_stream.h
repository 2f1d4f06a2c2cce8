#pragma once

#include <optional>

#include "encoder.h"
#include "live_sink.h"
#include "muxer.h"
#include "part_file.h"

namespace visema::media {

/// Encoders and a muxer of their own for one connection.
class LiveStream : public LiveSink {
 public:
  LiveStream(const LiveTarget& target, const LiveOutputOptions& options, Interrupt& interrupt);
  void write(const LiveFrame& frame) override;
  void finish() override;
  std::int64_t bytes() const override { return bytes_; }

 private:
  PacketSink sink(int stream, const AVCodecContext& codec);
  void write_sound(const AudioBlock& block);
  void write_silence(SampleIndex count, const AudioBlock& like);

  const LiveTarget& target_;
  Interrupt& interrupt_;
  std::optional<PartFile> file_;
  std::optional<Muxer> muxer_;
  std::optional<PictureEncoder> pictures_;
  std::optional<SoundEncoder> sound_;
  int picture_stream_ = -1;
  int sound_stream_ = -1;
  SampleIndex next_sample_ = -1;  // -1: before the first
  std::int64_t bytes_ = 0;
};

/// For the encoders of a live output.
EncoderOptions live_encoding(const LiveTarget& target, const LiveOutputOptions& options);

}  // namespace visema::media
