#pragma once

#include <filesystem>
#include <stop_token>
#include <string>
#include <vector>

#include "iplap_render_stage.h"
#include "iplap_speaker.h"
#include "iplap_speech_stage.h"
#include "iplap_template_stage.h"
#include "template_source.h"
#include "visema/core/log.h"
#include "visema/landmarks/avatar.h"
#include "visema/models/compute.h"
#include "visema/models/ip_lap_landmark_network.h"
#include "visema/models/ip_lap_renderer_network.h"
#include "visema/session/render.h"

namespace visema::session {

/// IP-LAP's two networks, from the folder that `visema import ip-lap` wrote.
struct IplapNetworks {
  /// Throws Error(kModel) that names the file, Error(kUsage) for a device that is not there.
  IplapNetworks(const std::filesystem::path& model, const ComputeOptions& request);

  const Compute compute;
  const std::string sha256;  // over both files
  const IpLapLandmarkNetwork landmarks;
  const IpLapRendererNetwork renderer;
};

/// One face that speaks with IP-LAP's networks: the avatar, what the networks take of it, and the
/// stages. Each stage may be used by another thread.
class IplapPresenter {
 public:
  /// Sound will come at `rate_hz` with `channels`. Throws Error. The networks must outlive it.
  IplapPresenter(const IplapNetworks& networks, const RenderOptions& options, int rate_hz,
                 int channels, const ProgressSink& progress, const LogSink& log,
                 std::stop_token stop);
  IplapPresenter(const IplapPresenter&) = delete;
  IplapPresenter& operator=(const IplapPresenter&) = delete;

  /// Sound to mel windows.
  IplapSpeechStage& speech() { return speech_; }
  /// Those to frames of the template and the poses around them.
  IplapTemplateStage& place() { return place_; }
  /// Those to pictures: one a core, each for a thread of its own.
  std::vector<IplapRenderStage>& lanes() { return lanes_; }

  const Avatar& avatar() const { return avatar_; }
  Rational fps() const { return fps_; }

 private:
  const Avatar avatar_;
  const Rational fps_;
  TemplateSource source_;
  const IplapSpeaker speaker_;
  const FaceAtlas atlas_;
  IplapSpeechStage speech_;
  IplapTemplateStage place_;
  std::vector<IplapRenderStage> lanes_;
};

}  // namespace visema::session
