#pragma once

#include <array>
#include <optional>
#include <vector>

#include "visema/core/face_cover.h"
#include "visema/core/image.h"
#include "visema/core/landmark_frame.h"
#include "visema/models/ip_lap_landmark_network.h"
#include "visema/renderer/motion_field.h"

namespace visema::session {

inline constexpr int kIplapMelValues = kIpLapMelBands * kIpLapMelFrames;

/// What leaves IP-LAP's speech stage: the mel windows around one frame, and the sound that came in
/// since the frame before. The last item may hold sound only.
struct IplapHeardFrame {
  struct Speech {
    FrameIndex index = 0;
    std::vector<float> mels;  // [5, 80, 16]: window, band, mel frame
  };
  std::optional<Speech> speech;
  std::vector<AudioBlock> sound;
};

/// A frame of the template and all that its face is painted from.
struct IplapPlacedFrame {
  struct Face {
    const FaceMesh* mesh = nullptr;            // the avatar's, picture pixels
    std::array<PixelBox, kIpLapWindow> crops;  // of the window
    std::vector<float> poses;                  // [5, 2, 74], 0..1 of each crop
    std::vector<float> mels;                   // [5, 80, 16]
    const FaceCover* cover = nullptr;          // of the avatar
    float strength = 1;                        // 0: the template's own pixels
    const PixelBox& crop() const { return crops[kIpLapWindow / 2]; }
  };
  FrameIndex index = 0;
  std::optional<Image> picture;
  std::optional<Face> face;
  std::vector<AudioBlock> sound;
};

}  // namespace visema::session
