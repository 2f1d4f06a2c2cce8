#pragma once

#include <functional>
#include <stop_token>

#include "frame_items.h"
#include "visema/core/log.h"
#include "visema/landmarks/avatar.h"
#include "visema/media/audio_reader.h"
#include "visema/models/compute.h"
#include "visema/pipeline/runner.h"
#include "visema/session/render.h"

namespace visema::session {

/// Throws Error(kUsage) for options that contradict each other.
void check(const RenderOptions& options);

/// The media ends of a rendering, the same around any stages: decodes the sound, writes the video,
/// tells progress and counts.
class RenderRun {
 public:
  /// Opens the sound. Throws Error(kInput). All arguments must outlive it.
  RenderRun(const RenderOptions& options, const ProgressSink& progress, const LogSink& log,
            const std::stop_token& stop);

  int rate_hz() const { return audio_.info().rate_hz; }
  int channels() const { return audio_.info().channels; }

  /// `between` adds the stages that make pictures of sound. Once. Says nothing of the networks.
  using Stages = std::function<Chain<RenderedFrame>(Chain<AudioBlock>)>;
  RenderReport through(const Stages& between, const Avatar& avatar, Rational fps);

 private:
  void warn_of_size(int width, int height) const;
  void warn_of_sound() const;

  const RenderOptions& options_;
  const ProgressSink& progress_;
  const LogSink& log_;
  const std::stop_token& stop_;
  AudioReader audio_;
};

/// The fields of the report that tell what computed.
void set_compute(RenderReport& report, const Compute& compute);

}  // namespace visema::session
