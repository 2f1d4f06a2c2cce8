#include "visema/session/render.h"

#include <algorithm>
#include <memory>

#include "memory_use.h"
#include "presenter.h"
#include "stopwatch.h"
#include "visema/core/error.h"
#include "visema/media/audio_reader.h"
#include "visema/media/video_writer.h"
#include "visema/pipeline/runner.h"
#include "visema/session/renderer.h"

namespace visema::session {
namespace {

/// Frames under way between two threads.
constexpr std::size_t kMotionsAhead = 16;
constexpr std::size_t kPicturesAhead = 3;

bool same_file(const std::filesystem::path& a, const std::filesystem::path& b) {
  std::error_code ignored;
  return !a.empty() && std::filesystem::equivalent(a, b, ignored);
}

void check(const RenderOptions& options) {
  if (options.source.empty() == options.avatar.empty())
    throw Error(ErrorCode::kUsage, "render needs a source or an avatar, one of the two");
  for (const auto& input : {options.source, options.avatar, options.audio})
    if (same_file(input, options.out))
      throw Error(ErrorCode::kUsage,
                  options.out.string() + ": the output would overwrite an input of the same name");
}

struct Output {
  std::unique_ptr<VideoWriter> writer;
  void take(RenderedFrame frame) {
    for (const AudioBlock& block : frame.sound) writer->write_audio(block);
    if (frame.picture) writer->write_video(*frame.picture, frame.alpha);
  }
};

}  // namespace

Renderer::Renderer(const ModelPaths& models, const ComputeOptions& compute)
    : networks_(std::make_unique<PresenterNetworks>(models, compute)) {}
Renderer::~Renderer() = default;
Renderer::Renderer(Renderer&&) noexcept = default;
Renderer& Renderer::operator=(Renderer&&) noexcept = default;

RenderReport Renderer::render(const RenderOptions& options, const ProgressSink& progress,
                              const LogSink& log, std::stop_token stop) {
  check(options);
  AudioReader audio(options.audio);
  const int rate_hz = audio.info().rate_hz;
  Presenter presenter(*networks_, options, rate_hz, audio.info().channels, Lanes::kAsManyAsPay,
                      progress, log, stop);
  const Avatar& avatar = presenter.avatar();

  const Stopwatch watch;
  RenderReport report;
  report.fps = presenter.fps();
  const std::int64_t expected = frames_covering(
      static_cast<SampleIndex>(audio.info().duration_s * rate_hz), rate_hz, report.fps);

  VideoWriterOptions video;
  video.width = avatar.width;
  video.height = avatar.height;
  video.fps = report.fps;
  video.audio_rate_hz = rate_hz;
  video.audio_channels = audio.info().channels;
  video.crf = options.crf;
  video.preset = options.preset;
  video.bitrate = options.bitrate;
  video.alpha = options.background == "none";
  Output output{std::make_unique<VideoWriter>(options.out, video)};

  std::stop_source stop_here;
  const std::stop_callback pass_on(stop, [&] { stop_here.request_stop(); });
  SampleIndex samples = 0;
  Runner runner;
  runner
      .source<AudioBlock>("decode",
                          [&](std::stop_token) {
                            auto block = audio.read();
                            if (block) samples += block->size();
                            return block;
                          })
      .stage<SpokenFrame>("speech", presenter.speech())
      .stage<PlacedFrame>("template", presenter.place(), Link::queue(kMotionsAhead))
      .lanes<RenderedFrame>("render", presenter.lanes())
      .sink(
          "encode",
          [&](RenderedFrame frame) {
            output.take(std::move(frame));
            const FrameIndex done = output.writer->frames();
            if (progress && !progress("render", done, std::max(done, expected)))
              stop_here.request_stop();
          },
          Link::queue(kPicturesAhead));
  runner.run(stop_here.get_token());

  report.interrupted = stop_here.stop_requested();
  report.frames = output.writer->frames();
  if (report.interrupted) {
    if (!output.writer->finish_partial())
      throw Error(ErrorCode::kInterrupted, options.out.string() + ": interrupted before a frame");
  } else {
    output.writer->finish();
  }
  if (log && audio.non_finite() > 0)
    log(LogLevel::kWarning, options.audio.string() + ": " + std::to_string(audio.non_finite()) +
                                " samples were not finite and count as silence");
  if (log && audio.damaged())
    log(LogLevel::kWarning, options.audio.string() + ": part of the sound could not be decoded");

  report.audio_seconds = static_cast<double>(samples) / rate_hz;
  report.wall_seconds = watch.seconds();
  report.realtime_factor =
      static_cast<double>(report.frames) / report.fps.value() / report.wall_seconds;
  report.peak_rss_bytes = peak_rss_bytes();
  report.device = name_of(presenter.compute().device);
  report.precision = name_of(presenter.compute().precision);
  report.threads = presenter.compute().threads;
  for (const StageStatistics& stage : runner.statistics())
    report.stages[stage.name] = {stage.seconds, stage.items};
  report.source_width = avatar.width;
  report.source_height = avatar.height;
  report.source_frames = static_cast<std::int64_t>(avatar.frames.size());
  report.source_frames_without_face = avatar.frames_without_face();
  report.model_name = presenter.model().name;
  report.model_version = presenter.model().version;
  report.model_sha256 = presenter.model().sha256;
  return report;
}

RenderReport render(const RenderOptions& options, const ProgressSink& progress, const LogSink& log,
                    std::stop_token stop) {
  check(options);
  return Renderer(options.models, options.compute).render(options, progress, log, std::move(stop));
}

std::shared_ptr<Renderer> load_renderer(const ModelPaths& models, const ComputeOptions& compute) {
  return std::make_shared<Renderer>(models, compute);
}

RenderReport render_with(Renderer& renderer, const RenderOptions& options,
                         const ProgressSink& progress, const LogSink& log, std::stop_token stop) {
  return renderer.render(options, progress, log, std::move(stop));
}

double sound_seconds(const std::filesystem::path& path) {
  return AudioReader(path).info().duration_s;
}

}  // namespace visema::session
