#include "presenter.h"

#include "avatar_builder.h"
#include "lanes.h"
#include "model_files.h"
#include "own_generator.h"
#include "reference_pictures.h"
#include "remote_generator.h"

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
                         const Generator& generator) {
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
                                          networks.speech.network->basis().lower);
}

Compute compute_of(const ComputeOptions& request) {
  return resolve({request.device, request.precision, request.threads});
}

std::string address_of(const PainterUse& painter, const ComputeOptions& request) {
  return painter.on_cpu || compute_of(request).device != Device::kCpu ? painter.address : "";
}

Compute compute_beside_painter(const ComputeOptions& request) {
  return resolve({"cpu", request.precision, request.threads});
}

/// `weights`: path of installed ones, or empty.
GeneratorOrder order_of(const std::filesystem::path& weights, const ComputeOptions& request) {
  GeneratorOrder order;
  order.weights = weights.empty() ? weights : std::filesystem::absolute(weights);
  order.name = weights.string();
  order.device = request.device;
  order.precision = request.precision;
  return order;
}

std::shared_ptr<const Generator> installed_generator(const std::filesystem::path& weights,
                                                     const ComputeOptions& request,
                                                     const Compute& compute,
                                                     const std::string& painter) {
  if (painter.empty())
    return std::make_shared<const LocalGenerator>(GeneratorNetwork(weights, compute));
  return std::make_shared<const RemoteGenerator>(painter, order_of(weights, request));
}

}  // namespace

PresenterNetworks::PresenterNetworks(const ModelPaths& models, const ComputeOptions& request,
                                     SpeechThreads speech_threads, const PainterUse& painter)
    : request(request),
      painter(address_of(painter, request)),
      compute(this->painter.empty() ? compute_of(request) : compute_beside_painter(request)),
      picture_compute(this->painter.empty() ? of_lane(compute) : compute_of(request)),
      models(models),
      speech(SpeechModels::load(
          models, speech_threads == SpeechThreads::kOne ? on_one_thread(compute) : compute)),
      generator(installed_generator(models.weights / generator_name(models), request,
                                    picture_compute, this->painter)),
      canonical(CanonicalFace::load(models.models / "canonical_face.safetensors")) {}

std::shared_ptr<const Generator> PresenterNetworks::load(const std::vector<std::byte>& weights,
                                                         const std::string& name) const {
  if (painter.empty())
    return std::make_shared<const LocalGenerator>(
        GeneratorNetwork(TensorFile::from_bytes(weights, name), picture_compute));
  GeneratorOrder order = order_of({}, request);
  order.name = name;
  order.bytes = static_cast<std::int64_t>(weights.size());
  return std::make_shared<const RemoteGenerator>(painter, order, weights);
}

int PresenterNetworks::lanes() const {
  return painter.empty() ? lanes_on(compute) : lanes_beside_painter(compute);
}

namespace {

/// With the look-ahead that the networks have.
PresenterOptions heard_by(const PresenterNetworks& networks, PresenterOptions options) {
  options.models.look_ahead = networks.models.look_ahead;
  return options;
}

}  // namespace

Presenter::Presenter(const PresenterNetworks& networks, const PresenterOptions& options,
                     int rate_hz, int channels, Lanes lanes, const ProgressSink& progress,
                     const LogSink& log, std::stop_token stop)
    : networks_(networks),
      avatar_(avatar_of(heard_by(networks, options), progress, log, std::move(stop))),
      own_generator_(own_generator(avatar_, options, networks, log)),
      painted_before_(generator().counts()),
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
  const int count = lanes == Lanes::kOne ? 1 : networks.lanes();
  for (int lane = 0; lane < count; ++lane)
    lanes_.emplace_back(renderer_of(avatar_, networks.canonical, generator()), atlas_, background_);
}

PaintCounts Presenter::painted() const {
  const PaintCounts now = generator().counts();
  return {now.pictures - painted_before_.pictures, now.calls - painted_before_.calls};
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
