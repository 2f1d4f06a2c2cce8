#pragma once

#include <memory>
#include <stop_token>
#include <vector>

#include "background.h"
#include "face_composer.h"
#include "generator.h"
#include "person_cutter.h"
#include "render_stage.h"
#include "speech_models.h"
#include "speech_stage.h"
#include "template_source.h"
#include "template_stage.h"
#include "visema/core/log.h"
#include "visema/landmarks/avatar.h"
#include "visema/landmarks/canonical_face.h"
#include "visema/models/compute.h"
#include "visema/renderer/face_renderer.h"
#include "visema/session/painter.h"
#include "visema/session/render.h"

namespace visema::session {

/// What the speech network runs on: all threads, or one, for a run in real time. Two threads wait
/// for each other at every layer, and beside a busy process both for the one that has no core.
enum class SpeechThreads { kAll, kOne };

/// What every face needs, loaded once for any number of them. Where a painter paints, no generator
/// is loaded, and the other networks run on the CPU: the GPU is the painter's.
struct PresenterNetworks {
  /// Throws Error(kModel) that names the file, Error(kUsage) for a device that is not there, and
  /// PainterLost.
  PresenterNetworks(const ModelPaths& models, const ComputeOptions& request,
                    SpeechThreads speech_threads = SpeechThreads::kAll,
                    const PainterUse& painter = {});

  /// The generator of these weights, which an avatar brought; `name` is for messages. Throws as the
  /// constructor.
  std::shared_ptr<const Generator> load(const std::vector<std::byte>& weights,
                                        const std::string& name) const;
  /// Pictures to be painted at the same time.
  int lanes() const;

  const ComputeOptions request;
  const std::string painter;  // address of the one that paints; empty: this process does
  const Compute compute;
  const Compute picture_compute;  // of one of several pictures painted side by side
  const ModelPaths models;
  const SpeechModels speech;
  const std::shared_ptr<const Generator> generator;
  const CanonicalFace canonical;
};

/// Pictures that are painted at the same time, at most: as many as pay, or one.
enum class Lanes { kAsManyAsPay, kOne };

/// One face that speaks: the networks, the avatar and the stages made of them, the same for a
/// rendered and for a live run. Each stage may be used by another thread.
class Presenter {
 public:
  /// Sound will come at `rate_hz` with `channels`. Throws Error. The networks must outlive it.
  Presenter(const PresenterNetworks& networks, const PresenterOptions& options, int rate_hz,
            int channels, Lanes lanes, const ProgressSink& progress, const LogSink& log,
            std::stop_token stop);
  Presenter(const Presenter&) = delete;
  Presenter& operator=(const Presenter&) = delete;

  /// Sound to motions.
  SpeechStage& speech() { return speech_; }
  /// Motions to frames of the template and where their faces go.
  TemplateStage& place() { return place_; }
  /// Those to pictures, each for a thread of its own.
  std::vector<RenderStage>& lanes() { return lanes_; }

  /// The picture that stands before the first motion.
  Image first_picture();
  /// Its transparency; null: none.
  std::shared_ptr<const std::vector<std::uint8_t>> first_alpha();
  const Avatar& avatar() const { return avatar_; }
  const CanonicalFace& canonical() const { return networks_.canonical; }
  const Compute& compute() const { return networks_.compute; }
  /// What paints one picture.
  const Compute& picture_compute() const { return networks_.picture_compute; }
  const GeneratorInfo& model() const { return generator().info(); }
  /// Whether that is the avatar's own.
  bool model_is_own() const { return own_generator_ != nullptr; }
  /// What a painter painted for this face.
  PaintCounts painted() const;
  Rational fps() const { return fps_; }

 private:
  const Generator& generator() const {
    return own_generator_ ? *own_generator_ : *networks_.generator;
  }

  const PresenterNetworks& networks_;
  const Avatar avatar_;
  const std::shared_ptr<const Generator> own_generator_;  // of an adapted avatar, or null
  const PaintCounts painted_before_;
  const Rational fps_;
  TemplateSource source_;
  const std::unique_ptr<const SlowExpression> expression_;  // of a video, or null
  const FaceComposer composer_;
  const FaceAtlas atlas_;
  const std::shared_ptr<const Background> background_;  // null: the template's own
  std::unique_ptr<PersonCutter> cutter_;
  TemplateStage place_;
  std::vector<RenderStage> lanes_;
  SpeechStage speech_;
};

}  // namespace visema::session
