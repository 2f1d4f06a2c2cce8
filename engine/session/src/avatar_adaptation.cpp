#include "avatar_adaptation.h"

#include <algorithm>
#include <cmath>

#include "adaptation_frames.h"
#include "model_files.h"
#include "visema/adaptation/generator_adapter.h"
#include "visema/core/error.h"
#include "visema/landmarks/canonical_face.h"
#include "visema/media/video_reader.h"
#include "visema/models/compute.h"

namespace visema::session {
namespace {

constexpr std::size_t kMostLearning = 1500;  // of 110 KB each
constexpr std::size_t kMostHeldOut = 32;
constexpr std::int64_t kParts = 1000;  // of the budget, for the progress

AdaptFigures figures_of(const AdaptationFigures& figures) {
  return {figures.l1, figures.mouth_l1, figures.psnr_db, figures.sharpness};
}

}  // namespace

void check_adaptable(const EnrollOptions& options) {
  if (options.adapt.wanted() && is_still_image(options.source))
    throw Error(ErrorCode::kUsage,
                options.source.string() +
                    ": a picture shows one mouth only: --adapt needs a video of a talking face");
}

AdaptReport adapt_avatar(Avatar& avatar, const EnrollOptions& options, const ProgressSink& progress,
                         const std::stop_token& stop) {
  const AdaptationSplit split = split_frames(avatar, options.source, kMostLearning, kMostHeldOut);
  const auto goes_on = [&](double share) {
    const auto done = static_cast<std::int64_t>(std::lround(share * kParts));
    return (!progress || progress("adapt", done, kParts)) && !stop.stop_requested();
  };
  const auto read = [&](const std::vector<std::size_t>& frames) {
    const auto canonical =
        CanonicalFace::load(options.models.models / "canonical_face.safetensors");
    AdaptationFrames result(avatar, options.source, canonical.triangles(), frames,
                            [&] { return goes_on(0); });
    if (result.count() < frames.size())
      throw Error(ErrorCode::kInput, options.source.string() + ": cannot be read a second time");
    return result;
  };
  const AdaptationFrames learning = read(split.learning);
  const AdaptationFrames held_out = read(split.held_out);

  AdaptationExamples examples;
  examples.learning = learning.count();
  examples.held_out = held_out.count();
  examples.learn = [&](auto index, auto planes, auto target) {
    learning.example(index, planes, target);
  };
  examples.judge = [&](auto index, auto planes, auto target) {
    held_out.example(index, planes, target);
  };
  const AdaptOptions& wanted = options.adapt;
  AdaptationResult result = adapt_generator(
      TensorFile::open(options.models.weights / generator_name(options.models)),
      resolve({options.compute.device, options.compute.precision, options.compute.threads}),
      examples, {wanted.minutes, wanted.steps, wanted.seed}, goes_on);

  AdaptReport report;
  report.kept = !result.weights.empty();
  report.learning_frames = static_cast<std::int64_t>(examples.learning);
  report.held_out_frames = static_cast<std::int64_t>(examples.held_out);
  report.steps = result.steps;
  report.minutes = result.minutes;
  report.bytes = static_cast<std::int64_t>(result.weights.size());
  report.before = figures_of(result.before);
  report.after = figures_of(result.after);
  avatar.generator = std::move(result.weights);
  return report;
}

}  // namespace visema::session
