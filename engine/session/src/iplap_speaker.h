#pragma once

#include <vector>

#include "visema/landmarks/avatar.h"
#include "visema/models/ip_lap_renderer_network.h"

namespace visema::session {

/// All that IP-LAP's networks take of one speaker, spread from closed to open lips.
struct IplapSpeaker {
  std::vector<float> poses;    // [15, 2, 74], landmark sets
  std::vector<float> content;  // [15, 2, 57]
  IpLapReferences pictures;    // with their sketches, as the network encoded them
};

/// A face that leaves no crop within its picture counts as none from here on.
void drop_faces_without_crop(Avatar& avatar, int margin_px);

/// `avatar`: at least one face, each with a crop. At most `references` pictures, each of another
/// frame: a still picture is one reference.
IplapSpeaker iplap_speaker(const Avatar& avatar, const IpLapRendererNetwork& network,
                           int references, int margin_px);

}  // namespace visema::session
