#include "render_run.h"

#include <algorithm>
#include <string>
#include <system_error>
#include <utility>

#include "memory_use.h"
#include "stopwatch.h"
#include "visema/core/error.h"
#include "visema/media/video_writer.h"

namespace visema::session {
namespace {

/// Pictures under way between two threads.
constexpr std::size_t kPicturesAhead = 3;

/// Level 5.2 of H.264 (ITU-T H.264, table A-1), the highest that decoders of graphics cards and
/// telephones commonly take: 36,864 macroblocks.
constexpr std::int64_t kMostPlayedPixels = 4096 * 2304;

bool same_file(const std::filesystem::path& a, const std::filesystem::path& b) {
  std::error_code ignored;
  return !a.empty() && std::filesystem::equivalent(a, b, ignored);
}

void write(VideoWriter& writer, const RenderedFrame& frame) {
  for (const AudioBlock& block : frame.sound) writer.write_audio(block);
  if (frame.picture) writer.write_video(*frame.picture, frame.alpha);
}

}  // namespace

void check(const RenderOptions& options) {
  if (options.source.empty() == options.avatar.empty())
    throw Error(ErrorCode::kUsage, "render needs a source or an avatar, one of the two");
  for (const std::filesystem::path& input :
       {options.source, options.avatar, options.audio,
        std::filesystem::path(background_file(options.background))})
    if (same_file(input, options.out))
      throw Error(ErrorCode::kUsage,
                  options.out.string() + ": the output would overwrite an input of the same name");
}

RenderRun::RenderRun(const RenderOptions& options, const ProgressSink& progress, const LogSink& log,
                     const std::stop_token& stop)
    : options_(options), progress_(progress), log_(log), stop_(stop), audio_(options.audio) {}

RenderReport RenderRun::through(const Stages& between, const Avatar& avatar, Rational fps) {
  const Stopwatch watch;
  RenderReport report;
  report.fps = fps;
  const std::int64_t expected = frames_covering(
      static_cast<SampleIndex>(audio_.info().duration_s * rate_hz()), rate_hz(), fps);

  warn_of_size(avatar.width, avatar.height);
  VideoWriterOptions video;
  video.width = avatar.width;
  video.height = avatar.height;
  video.fps = fps;
  video.audio_rate_hz = rate_hz();
  video.audio_channels = channels();
  video.crf = options_.crf;
  video.preset = options_.preset;
  video.bitrate = options_.bitrate;
  video.alpha = options_.background == "none";
  VideoWriter writer(options_.out, video);

  std::stop_source stop_here;
  const std::stop_callback pass_on(stop_, [&] { stop_here.request_stop(); });
  SampleIndex samples = 0;
  Runner runner;
  between(runner.source<AudioBlock>("decode",
                                    [&](std::stop_token) {
                                      auto block = audio_.read();
                                      if (block) samples += block->size();
                                      return block;
                                    }))
      .sink(
          "encode",
          [&](const RenderedFrame& frame) {
            write(writer, frame);
            const FrameIndex done = writer.frames();
            if (progress_ && !progress_("render", done, std::max(done, expected)))
              stop_here.request_stop();
          },
          Link::queue(kPicturesAhead));
  runner.run(stop_here.get_token());

  report.interrupted = stop_here.stop_requested();
  report.frames = writer.frames();
  if (report.interrupted) {
    if (!writer.finish_partial())
      throw Error(ErrorCode::kInterrupted, options_.out.string() + ": interrupted before a frame");
  } else {
    writer.finish();
  }
  warn_of_sound();

  report.audio_seconds = static_cast<double>(samples) / rate_hz();
  report.wall_seconds = watch.seconds();
  report.realtime_factor =
      static_cast<double>(report.frames) / report.fps.value() / report.wall_seconds;
  report.peak_rss_bytes = peak_rss_bytes();
  for (const StageStatistics& stage : runner.statistics())
    report.stages[stage.name] = {stage.seconds, stage.items};
  report.source_width = avatar.width;
  report.source_height = avatar.height;
  report.source_frames = static_cast<std::int64_t>(avatar.frames.size());
  report.source_frames_without_face = avatar.frames_without_face();
  report.source_frames_covered = static_cast<std::int64_t>(avatar.covers.size());
  return report;
}

void RenderRun::warn_of_size(int width, int height) const {
  if (!log_ || std::int64_t{width} * height <= kMostPlayedPixels) return;
  log_(LogLevel::kWarning, options_.out.string() + ": " + std::to_string(width) + "x" +
                               std::to_string(height) +
                               " pixels, as the source: many players take no more than 4096x2304, "
                               "and a smaller source renders faster");
}

void RenderRun::warn_of_sound() const {
  if (log_ && audio_.non_finite() > 0)
    log_(LogLevel::kWarning, options_.audio.string() + ": " + std::to_string(audio_.non_finite()) +
                                 " samples were not finite and count as silence");
  if (log_ && audio_.damaged())
    log_(LogLevel::kWarning, options_.audio.string() + ": part of the sound could not be decoded");
}

void set_compute(RenderReport& report, const Compute& compute) {
  report.device = name_of(compute.device);
  report.precision = name_of(compute.precision);
  report.threads = compute.threads;
}

}  // namespace visema::session
