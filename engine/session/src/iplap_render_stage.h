#pragma once

#include "frame_items.h"
#include "iplap_items.h"
#include "iplap_speaker.h"
#include "visema/models/ip_lap_landmark_network.h"
#include "visema/models/ip_lap_renderer_network.h"
#include "visema/pipeline/stage.h"
#include "visema/renderer/face_atlas.h"

namespace visema::session {

/// Paints the face of each frame with IP-LAP's networks. A frame without a face passes unchanged.
/// Needs no frame but the one it works on, so that several can work side by side.
class IplapRenderStage {
 public:
  /// All four must outlive it.
  IplapRenderStage(const IpLapLandmarkNetwork& landmarks, const IpLapRendererNetwork& renderer,
                   const IplapSpeaker& speaker, const FaceAtlas& atlas)
      : landmarks_(landmarks), renderer_(renderer), speaker_(speaker), atlas_(atlas) {}

  void process(IplapPlacedFrame placed, const Emit<RenderedFrame>& emit);
  void finish(const Emit<RenderedFrame>&) {}
  void reset() {}

 private:
  void paint(Image& picture, const IplapPlacedFrame::Face& face) const;

  const IpLapLandmarkNetwork& landmarks_;
  const IpLapRendererNetwork& renderer_;
  const IplapSpeaker& speaker_;
  const FaceAtlas& atlas_;
};

}  // namespace visema::session
