#include "visema/media/video_writer.h"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "container.h"
#include "encoder.h"
#include "libav_text.h"
#include "muxer.h"
#include "part_file.h"
#include "visema/core/error.h"

namespace visema {
namespace {

media::MuxerTarget muxer_target(const media::Container& container, const media::PartFile& file) {
  media::MuxerTarget target{container.muxer, media::file_url(file.part()), file.path(), {}};
  if (container.index_in_front) target.options.set("movflags", "+faststart");
  // The Matroska muxer by default moves all streams, for Opus a second time.
  target.negative_times = !container.index_in_front;
  return target;
}

constexpr SampleIndex kHeldSeconds = 10;
constexpr SampleIndex kSoundSteps = 25;  // encoder calls a second, at most

}  // namespace

struct VideoWriter::Impl {
  Impl(const std::filesystem::path& path, const VideoWriterOptions& wanted)
      : options(wanted),
        container(media::container_for(path)),
        file(path),
        muxer(std::in_place, muxer_target(container, file)) {
    const bool header = muxer->wants_global_header();
    pictures.emplace(container, media::EncoderOptions{options}, header);
    picture_stream = muxer->add_stream(pictures->context());
    if (options.audio_rate_hz > 0) {
      sound.emplace(container, media::EncoderOptions{options}, header);
      sound_stream = muxer->add_stream(sound->context());
    }
    muxer->start();
  }

  media::PacketSink picture_sink() {
    return [this](AVPacket& packet) {
      if (packet.duration == 0) packet.duration = 1;
      muxer->write(packet, picture_stream, pictures->context().time_base);
    };
  }
  media::PacketSink sound_sink() {
    return [this](AVPacket& packet) {
      muxer->write(packet, sound_stream, sound->context().time_base);
    };
  }

  void require_open() const {
    if (!muxer)
      throw Error(ErrorCode::kInternal, file.path().string() + ": written to after its end");
  }

  void write_video(const Image& image, std::span<const std::uint8_t> alpha) {
    require_open();
    if (image.width != options.width || image.height != options.height)
      throw Error(ErrorCode::kInternal,
                  file.path().string() + ": picture of " + std::to_string(image.width) + "x" +
                      std::to_string(image.height) + " in a video of " +
                      std::to_string(options.width) + "x" + std::to_string(options.height));
    pictures->write(image, alpha, pictures->count(), picture_sink());
    if (sound) encode_sound();
  }

  void write_audio(const AudioBlock& block) {
    require_open();
    if (!sound || block.rate_hz != options.audio_rate_hz ||
        block.channels != options.audio_channels)
      throw Error(ErrorCode::kInternal, file.path().string() + ": sound of " +
                                            std::to_string(block.channels) + " channels, " +
                                            std::to_string(block.rate_hz) + " Hz in a file of " +
                                            std::to_string(options.audio_channels) + " channels, " +
                                            std::to_string(options.audio_rate_hz) + " Hz");
    held.insert(held.end(), block.samples.begin(), block.samples.end());
    given += block.size();
    encode_sound();
  }

  SampleIndex picture_end() const {
    return frame_start(pictures->count(), options.audio_rate_hz, options.fps);
  }

  /// Sound goes on only up to the end of the picture, so that an early end can cut it there.
  void encode_sound() {
    const SampleIndex longest = kHeldSeconds * options.audio_rate_hz;
    const SampleIndex ready = std::max(picture_end(), given - longest) - sound->count();
    const SampleIndex step = options.audio_rate_hz / kSoundSteps;
    if (ready >= step) encode_held(ready);
  }

  /// Encodes the first `count` samples that are held, or all.
  void encode_held(SampleIndex count) {
    const auto channels = static_cast<SampleIndex>(options.audio_channels);
    count = std::min(count, static_cast<SampleIndex>(held.size()) / channels);
    if (count <= 0) return;
    const auto end = held.begin() + static_cast<std::ptrdiff_t>(count * channels);
    AudioBlock block{sound->count(), options.audio_rate_hz, options.audio_channels,
                     std::vector<float>(held.begin(), end)};
    held.erase(held.begin(), end);
    sound->write(block, sound_sink());
  }

  void finish(bool whole_sound) {
    require_open();
    if (pictures->count() == 0)
      throw Error(ErrorCode::kInternal, file.path().string() + ": no picture was written");
    if (sound) {
      encode_held(whole_sound ? given : picture_end() - sound->count());
      given = sound->count();
      sound->finish(sound_sink());
    }
    pictures->finish(picture_sink());
    muxer->finish();
    muxer.reset();
    file.commit();
  }

  VideoWriterOptions options;
  const media::Container& container;
  media::PartFile file;
  std::optional<media::Muxer> muxer;
  std::optional<media::PictureEncoder> pictures;
  std::optional<media::SoundEncoder> sound;
  std::vector<float> held;  // sound not encoded yet
  SampleIndex given = 0;    // samples of write_audio
  int picture_stream = -1;
  int sound_stream = -1;
};

VideoWriter::VideoWriter(const std::filesystem::path& path, const VideoWriterOptions& options)
    : impl_(std::make_unique<Impl>(path, options)) {}
VideoWriter::~VideoWriter() = default;
VideoWriter::VideoWriter(VideoWriter&&) noexcept = default;
VideoWriter& VideoWriter::operator=(VideoWriter&&) noexcept = default;

void VideoWriter::write_video(const Image& image, std::span<const std::uint8_t> alpha) {
  impl_->write_video(image, alpha);
}
void VideoWriter::write_audio(const AudioBlock& block) {
  impl_->write_audio(block);
}
void VideoWriter::finish() {
  impl_->finish(true);
}

bool VideoWriter::finish_partial() {
  if (frames() == 0) {
    impl_->muxer.reset();
    return false;
  }
  impl_->finish(false);
  return true;
}

FrameIndex VideoWriter::frames() const {
  return impl_->pictures->count();
}
SampleIndex VideoWriter::samples() const {
  return impl_->given;
}

}  // namespace visema
