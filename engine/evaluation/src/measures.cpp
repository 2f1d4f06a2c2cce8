#include "visema/evaluation/measures.h"

#include <algorithm>
#include <array>

namespace visema {
namespace {

using enum Better;

constexpr std::array kMeasures = std::to_array<MeasureInfo>({
    {"sync.offset_frames", "frames at 25/s", kTarget, 0, 0,
     "shift of the sound that fits the mouth best; above 0: the sound comes late"},
    {"sync.distance", "", kLower, 0, 3, "distance of mouth and sound at the best shift"},
    {"sync.confidence", "", kHigher, 0, 3, "median distance over the shifts minus the least"},
    {"sync.margin", "", kHigher, 0, 3,
     "the same without what each sound is to any mouth of the video; near 0: no sync at any shift"},
    {"sync.evidence", "nats", kHigher, 0, 2,
     "how much likelier the sound is than unrelated speech, per window; above 0: it fits"},
    {"sync.in_sync_percent", "%", kHigher, 0, 1, "windows whose best shift lies within one frame"},
    {"sync.seconds", "s", kNeither, 0, 2, "speech that was compared; under a second tells little"},
    {"sync.drift_ms_per_min", "ms/min", kTarget, 0, 1, "growth of the offset over time"},
    {"syncnet.lse_d", "", kLower, 0, 3, "LSE-D of the published SyncNet"},
    {"syncnet.lse_c", "", kHigher, 0, 3, "LSE-C of the published SyncNet"},
    {"syncnet.offset_frames", "frames at 25/s", kTarget, 0, 0, "offset by the published SyncNet"},

    {"lips.distance_px", "px", kLower, 0, 2, "mean distance of the lip points to the real ones"},
    {"lips.face_distance_px", "px", kLower, 0, 2, "the same of all face points"},
    {"lips.distance", "", kLower, 0, 4,
     "mean distance of the lip points, head motion removed, over the distance of the eyes"},
    {"lips.face_distance", "", kLower, 0, 4, "the same of all face points"},
    {"lips.velocity_distance", "1/s", kLower, 0, 3,
     "mean distance of the lip points' velocities, head motion removed"},
    {"lips.openness_correlation", "", kHigher, 0, 3,
     "correlation of the inner-lip gap with the real one"},
    {"lips.correlation_in_sync", "", kHigher, 0, 3,
     "the same after each picture is moved to its sound: a real video that is late costs nothing"},
    {"lips.openness_gain", "", kTarget, 1, 3,
     "articulation: spread of the inner-lip gap over the real one's"},

    {"silence.open_percent", "%", kLower, 0, 1,
     "frames with the inner lips apart while the sound is silent"},
    {"silence.seconds", "s", kNeither, 0, 2, "silence that was looked at"},
    {"closure.closed_percent", "%", kHigher, 0, 1, "p, b and m at which the inner lips meet"},
    {"closure.contrast", "", kHigher, 0, 3,
     "inner-lip gap at open vowels minus at p, b and m, over face width"},
    {"closure.count", "", kNeither, 0, 0, "p, b and m that were looked at"},
    {"jitter.lips", "1/1000", kLower, 0, 2, "high-frequency motion of the lips over face width"},
    {"jitter.rigid", "1/1000", kLower, 0, 2,
     "high-frequency motion of points that speech does not move, over face width"},
    {"motion.blinks_per_minute", "1/min", kNeither, 0, 1, "blinks"},
    {"motion.head_rotation_deg", "deg", kNeither, 0, 2, "spread of the head's rotation"},
    {"motion.head_speed_deg_per_s", "deg/s", kNeither, 0, 2, "mean speed of the head's rotation"},

    {"identity.mean", "", kHigher, 0, 3, "cosine of face embeddings to the source, mean"},
    {"identity.worst", "", kHigher, 0, 3, "the same, worst frame"},
    {"identity.second_mean", "", kHigher, 0, 3, "mean by a second, independent embedding"},
    {"identity.second_worst", "", kHigher, 0, 3, "worst frame by the second embedding"},

    {"picture.psnr_db", "dB", kHigher, 0, 2, "PSNR of the full frame"},
    {"picture.ssim", "", kHigher, 0, 4, "SSIM of the full frame"},
    {"picture.ms_ssim", "", kHigher, 0, 4, "MS-SSIM of the full frame"},
    {"picture.perceptual", "", kLower, 0, 4,
     "perceptual distance (MobileNetV2 features) of the full frame"},
    {"picture.face_psnr_db", "dB", kHigher, 0, 2, "PSNR of the face"},
    {"picture.face_ssim", "", kHigher, 0, 4, "SSIM of the face"},
    {"picture.face_ms_ssim", "", kHigher, 0, 4, "MS-SSIM of the face"},
    {"picture.face_perceptual", "", kLower, 0, 4, "perceptual distance of the face"},
    {"picture.mouth_psnr_db", "dB", kHigher, 0, 2, "PSNR of the mouth region"},
    {"picture.mouth_ssim", "", kHigher, 0, 4, "SSIM of the mouth region"},
    {"picture.mouth_ms_ssim", "", kHigher, 0, 4, "MS-SSIM of the mouth region"},
    {"picture.mouth_perceptual", "", kLower, 0, 4, "perceptual distance of the mouth region"},
    {"picture.mouth_sharpness", "", kHigher, 0, 3,
     "sharpness of the mouth region over that of the source"},
    {"picture.colour_error", "", kLower, 0, 3,
     "colour difference (CIE76) of the lower face to the source"},
    {"picture.seam", "", kLower, 0, 3,
     "step at the border of the mouth region over steps beside it, minus 1"},
    {"picture.flicker", "", kLower, 0, 3,
     "brightness change between frames of skin that does not move, 8-bit levels"},

    {"stream.start_offset_ms", "ms", kTarget, 0, 1,
     "start of the picture minus start of the sound"},
    {"stream.duration_difference_ms", "ms", kTarget, 0, 1,
     "length of the picture minus the sound's"},
    {"stream.fps", "1/s", kNeither, 0, 3, "frames a second"},
    {"stream.dropped_frames", "", kLower, 0, 0, "frames missing from a regular clock"},
    {"stream.repeated_frames", "", kLower, 0, 0, "frames equal to the one before"},
    {"stream.pts_errors", "", kLower, 0, 0, "frames not later than the one before"},
});

}  // namespace

std::span<const MeasureInfo> measures() {
  return kMeasures;
}

const MeasureInfo* find_measure(std::string_view name) {
  const auto found = std::find_if(kMeasures.begin(), kMeasures.end(),
                                  [&](const MeasureInfo& m) { return m.name == name; });
  return found == kMeasures.end() ? nullptr : &*found;
}

}  // namespace visema
