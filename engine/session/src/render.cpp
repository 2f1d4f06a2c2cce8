#include "visema/session/render.h"

#include <sys/resource.h>

#include <algorithm>
#include <memory>
#include <thread>

#include "avatar_builder.h"
#include "render_stage.h"
#include "speech_stage.h"
#include "stopwatch.h"
#include "template_stage.h"
#include "visema/core/error.h"
#include "visema/media/audio_reader.h"
#include "visema/media/video_reader.h"
#include "visema/media/video_writer.h"
#include "visema/models/compute.h"
#include "visema/models/generator_network.h"
#include "visema/models/speech_network.h"
#include "visema/pipeline/runner.h"
#include "visema/session/renderer.h"

namespace visema::session {
namespace {

/// Frames under way between two threads.
constexpr std::size_t kMotionsAhead = 16;
constexpr int kMostLanes = 4;  // frames that are painted at the same time
constexpr std::size_t kPicturesAhead = 3;

std::int64_t peak_rss_bytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<std::int64_t>(usage.ru_maxrss) * 1024;
}

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

Avatar avatar_of(const RenderOptions& options, const ProgressSink& progress, const LogSink& log,
                 std::stop_token stop) {
  if (!options.avatar.empty()) return load_avatar(options.avatar);
  EnrollOptions enroll;
  enroll.source = options.source;
  enroll.face = options.face;
  enroll.face_index = options.face_index;
  enroll.compute = options.compute;
  enroll.models = options.models;
  return build_avatar(enroll, progress, log, std::move(stop));
}

/// Decides what was left to the source: a picture gets head motion and blinks, a video has its own.
SpeechStageOptions motion_of(const RenderOptions& options, const Avatar& avatar, Rational fps) {
  SpeechStageOptions motion;
  motion.fps = fps;
  motion.seed = options.seed;
  const HeadMotion head =
      options.head_motion.value_or(avatar.is_still ? HeadMotion::kNatural : HeadMotion::kTemplate);
  motion.head = head == HeadMotion::kNatural;
  motion.blink = options.blink.value_or(avatar.is_still);
  motion.gaze = avatar.is_still && head != HeadMotion::kNone;
  motion.expression = options.expression;
  motion.expression_strength = options.expression_strength;
  return motion;
}

FaceReference reference_of(const AvatarReference& reference) {
  return {reference.picture, reference.mesh, reference.pose};
}

/// One lane a core: a frame on one thread is done with less work than on two, which wait for each
/// other at every layer.
int lanes_on(const Compute& compute) {
  return compute.device == Device::kCpu ? std::clamp(compute.threads, 1, kMostLanes) : 1;
}

Compute of_lane(Compute compute, int lane_count) {
  compute.threads /= lane_count;
  return compute;
}

/// The closed mouth gives skin and lips, an open one (not the widest, which may be a yawn) teeth.
FaceRenderer renderer_of(const Avatar& avatar, const CanonicalFace& canonical,
                         const GeneratorNetwork& generator) {
  const auto& references = avatar.references;
  const AvatarReference& open =
      references[references.size() < 3 ? references.size() - 1 : references.size() - 2];
  return FaceRenderer(canonical.triangles(), reference_of(references.front()), reference_of(open),
                      [&generator](std::span<const float> planes, std::span<float> result) {
                        generator.run(planes, result);
                      });
}

struct Output {
  std::unique_ptr<VideoWriter> writer;
  void take(RenderedFrame frame) {
    for (const AudioBlock& block : frame.sound) writer->write_audio(block);
    if (frame.picture) writer->write_video(*frame.picture);
  }
};

}  // namespace

struct Renderer::Networks {
  Networks(const ModelPaths& models, const ComputeOptions& request)
      : compute(resolve({request.device, request.precision, request.threads})),
        lane_count(lanes_on(compute)),
        speech(std::make_shared<SpeechNetwork>(models.weights / "speech.safetensors", compute)),
        generator(models.weights / "renderer.safetensors", of_lane(compute, lane_count)),
        canonical(CanonicalFace::load(models.models / "canonical_face.safetensors")) {}

  Compute compute;
  int lane_count;
  std::shared_ptr<const SpeechNetwork> speech;
  GeneratorNetwork generator;
  CanonicalFace canonical;
};

Renderer::Renderer(const ModelPaths& models, const ComputeOptions& compute)
    : networks_(std::make_unique<Networks>(models, compute)) {}
Renderer::~Renderer() = default;
Renderer::Renderer(Renderer&&) noexcept = default;
Renderer& Renderer::operator=(Renderer&&) noexcept = default;

RenderReport Renderer::render(const RenderOptions& options, const ProgressSink& progress,
                              const LogSink& log, std::stop_token stop) {
  check(options);
  AudioReader audio(options.audio);
  const auto& [compute, lane_count, speech, generator, canonical] = *networks_;
  const Avatar avatar = avatar_of(options, progress, log, stop);

  const Stopwatch watch;
  RenderReport report;
  report.fps = options.fps == "source" ? avatar.fps : parse_frame_rate(options.fps);
  const int rate_hz = audio.info().rate_hz;
  const std::int64_t expected = frames_covering(
      static_cast<SampleIndex>(audio.info().duration_s * rate_hz), rate_hz, report.fps);

  TemplateSource source(avatar, report.fps, options.loop);
  const FaceComposer composer(avatar, canonical);
  SpeechStage speech_stage(speech, avatar, canonical, motion_of(options, avatar, report.fps),
                           rate_hz, audio.info().channels);
  TemplateStage template_stage(source, composer);
  std::vector<RenderStage> render_lanes;
  for (int lane = 0; lane < lane_count; ++lane)
    render_lanes.emplace_back(renderer_of(avatar, canonical, generator));

  VideoWriterOptions video;
  video.width = avatar.width;
  video.height = avatar.height;
  video.fps = report.fps;
  video.audio_rate_hz = rate_hz;
  video.audio_channels = audio.info().channels;
  video.crf = options.crf;
  video.preset = options.preset;
  video.bitrate = options.bitrate;
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
      .stage<SpokenFrame>("speech", speech_stage)
      .stage<PlacedFrame>("template", template_stage, Link::queue(kMotionsAhead))
      .lanes<RenderedFrame>("render", render_lanes)
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
  report.device = name_of(compute.device);
  report.precision = name_of(compute.precision);
  report.threads = compute.threads;
  for (const StageStatistics& stage : runner.statistics())
    report.stages[stage.name] = {stage.seconds, stage.items};
  report.source_width = avatar.width;
  report.source_height = avatar.height;
  report.source_frames = static_cast<std::int64_t>(avatar.frames.size());
  report.source_frames_without_face = avatar.frames_without_face();
  report.model_name = generator.info().name;
  report.model_version = generator.info().version;
  report.model_sha256 = generator.info().sha256;
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
