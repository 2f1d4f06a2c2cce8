#include "clip_quality.h"

#include <cmath>
#include <cstdio>
#include <vector>

#include "eval_sync.h"
#include "visema/renderer/face_crop.h"

namespace visema::session {
namespace {

// Of the mouth in the face crop, pixels.
constexpr int kLeft = 46;
constexpr int kTop = 40;
constexpr int kWidth = 100;
constexpr int kHeight = 80;

std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3g", value);
  return text;
}

/// Luma (BT.601).
float luma(const Image& image, int x, int y) {
  const std::uint8_t* p = image.at(x, y);
  return 0.299F * p[0] + 0.587F * p[1] + 0.114F * p[2];
}

/// Luma of the mouth and one pixel around it, smoothed by 1 2 1 in both directions so that noise
/// counts little.
std::vector<float> smooth_mouth(const Image& crop) {
  constexpr float kWeights[] = {0.25F, 0.5F, 0.25F};
  std::vector<float> out;
  out.reserve(static_cast<std::size_t>(kWidth + 2) * (kHeight + 2));
  for (int y = kTop - 1; y <= kTop + kHeight; ++y)
    for (int x = kLeft - 1; x <= kLeft + kWidth; ++x) {
      float sum = 0;
      for (int j = -1; j <= 1; ++j)
        for (int i = -1; i <= 1; ++i)
          sum += kWeights[j + 1] * kWeights[i + 1] * luma(crop, x + i, y + j);
      out.push_back(sum);
    }
  return out;
}

}  // namespace

double sharpness_of(const Image& crop) {
  constexpr int kRow = kWidth + 2;
  constexpr double kCount = kWidth * kHeight;
  constexpr double kFlat = 1;  // luma level: a picture of one colour is not sharp
  const std::vector<float> mouth = smooth_mouth(crop);
  double detail = 0, sum = 0, squares = 0;
  for (int y = 1; y <= kHeight; ++y)
    for (int x = 1; x <= kWidth; ++x) {
      const float* p = &mouth[static_cast<std::size_t>(y) * kRow + x];
      const double laplacian = p[-1] + p[1] + p[-kRow] + p[kRow] - 4 * p[0];
      detail += laplacian * laplacian;
      sum += p[0];
      squares += double{p[0]} * p[0];
    }
  const double mean = sum / kCount;
  const double deviation = std::sqrt(std::max(0.0, squares / kCount - mean * mean));
  return std::sqrt(detail / kCount) / std::max(deviation, kFlat);
}

ClipSync::ClipSync(const std::filesystem::path& weights)
    : network_(weights, resolve({.device = "cpu", .precision = "fp32", .threads = 1})) {}

std::optional<SyncFacts> ClipSync::measure(const ClipData& clip) {
  const SoundTrack track = sound_->finish();
  sound_.reset();
  if (clip.fps < kSyncLeastFps) return std::nullopt;
  SyncMeter meter(network_, track, clip.fps);
  constexpr std::size_t kPixels = static_cast<std::size_t>(kMouthSize) * kMouthSize;
  for (std::size_t i = 0; i < clip.mesh.size(); ++i) {
    std::optional<MouthView> mouth;
    if (clip.valid[i] != 0) {
      mouth.emplace();
      const auto* pixels = &clip.mouths[i * kPixels];
      mouth->crop.assign(pixels, pixels + kPixels);
      append_sync_points(clip.mesh[i], mouth->points);
    }
    meter.push(clip.time_s[i], std::move(mouth));
  }
  meter.finish();
  const auto result = meter.result();
  if (!result) return std::nullopt;
  return SyncFacts{result->offset_frames, result->margin, result->evidence,
                   static_cast<double>(result->windows) / kSyncFps};
}

std::string why_dropped(const ClipQuality& quality, const ClipLimits& limits) {
  if (quality.tracked_share < limits.min_tracked)
    return "a face in " + number(100 * quality.tracked_share) + " % of the frames";
  if (quality.face_px < limits.min_face_px)
    return "a small face: " + number(quality.face_px) + " px between the eyes";
  if (quality.sharpness < limits.min_sharpness)
    return "blurred: sharpness " + number(quality.sharpness);
  return {};
}

std::string why_silenced(const ClipQuality& quality, const ClipLimits& limits) {
  if (!quality.sync || quality.sync->seconds < limits.min_sync_seconds) return {};
  if (quality.sync->margin < limits.min_sync_margin)
    return "mouth and sound fit at no shift: margin " + number(quality.sync->margin);
  if (std::abs(quality.sync->offset_frames) > limits.max_sync_offset)
    return "sound " + std::to_string(quality.sync->offset_frames) + " frames late";
  return {};
}

}  // namespace visema::session
