#include "presenter.h"

#include "avatar_builder.h"
#include "lanes.h"
#include "model_files.h"
#include "own_generator.h"
#include "reference_pictures.h"

namespace visema::session {
namespace {

/// Decides what was left to the source: a picture gets head motion and blinks, a video has its own.
SpeechStageOptions motion_of(const PresenterOptions& options, const Avatar& avatar, Rational fps) {
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
  motion.articulation = options.articulation;
  return motion;
}

Compute on_one_thread(Compute compute) {
  compute.threads = 1;
  return compute;
}

FaceRenderer renderer_of(const Avatar& avatar, const CanonicalFace& canonical,
                         const GeneratorNetwork& generator) {
  const ReferencePictures pictures = reference_pictures(avatar);
  return FaceRenderer(canonical.triangles(), face_reference(pictures.rest),
                      face_reference(pictures.open), face_reference(pictures.wide),
                      [&generator](std::span<const float> planes, std::span<float> result) {
                        generator.run(planes, result);
                      });
}

std::unique_ptr<const SlowExpression> expression_of(const Avatar& avatar,
                                                    const PresenterNetworks& networks) {
  if (avatar.is_still) return nullptr;
  return std::make_unique<SlowExpression>(avatar.frames, avatar.rest,
                                          lower_face_weights(networks.canonical.mesh()),
                                          networks.speech->basis().lower);
}

}  // namespace

PresenterNetworks::PresenterNetworks(const ModelPaths& models, const ComputeOptions& request,
                                     SpeechThreads speech_threads)
    : compute(resolve({request.device, request.precision, request.threads})),
      picture_compute(of_lane(compute)),
      speech(std::make_shared<SpeechNetwork>(
          models.weights / "speech.safetensors",
          speech_threads == SpeechThreads::kOne ? on_one_thread(compute) : compute)),
      generator(models.weights / generator_name(models), picture_compute),
      canonical(CanonicalFace::load(models.models / "canonical_face.safetensors")) {}

Presenter::Presenter(const PresenterNetworks& networks, const PresenterOptions& options,
                     int rate_hz, int channels, Lanes lanes, const ProgressSink& progress,
                     const LogSink& log, std::stop_token stop)
    : networks_(networks),
      avatar_(avatar_of(options, progress, log, std::move(stop))),
      own_generator_(
          own_generator(avatar_, options, networks.generator, networks.picture_compute, log)),
      fps_(options.fps == "source" ? avatar_.fps : parse_frame_rate(options.fps)),
      source_(avatar_, fps_, options.loop),
      expression_(options.style ? expression_of(avatar_, networks) : nullptr),
      composer_(avatar_, networks.canonical, expression_.get()),
      atlas_(networks.canonical.mesh(), networks.canonical.triangles()),
      background_(background_of(options.background, avatar_.width, avatar_.height)),
      cutter_(background_ ? std::make_unique<PersonCutter>(
                                options.models.models / "selfie.safetensors", avatar_.is_still)
                          : nullptr),
      place_(source_, composer_, cutter_.get()),
      speech_(networks.speech, avatar_, networks.canonical, motion_of(options, avatar_, fps_),
              rate_hz, channels) {
  const int count = lanes == Lanes::kOne ? 1 : lanes_on(networks.compute);
  for (int lane = 0; lane < count; ++lane)
    lanes_.emplace_back(renderer_of(avatar_, networks.canonical, generator()), atlas_, background_);
}

std::shared_ptr<const std::vector<std::uint8_t>> Presenter::first_alpha() {
  if (!background_ || background_->kind != Background::Kind::kNone) return nullptr;
  return std::make_shared<const std::vector<std::uint8_t>>(
      alpha_of(cutter_->cut(source_.at(0))->share()));
}

Image Presenter::first_picture() {
  TemplateSource::Frame frame = source_.at(0);
  if (!cutter_) return std::move(frame.picture);
  const auto person = cutter_->cut(frame);
  person->put_before(*background_, person->share(), frame.picture);
  return std::move(frame.picture);
}

}  // namespace visema::session
