#include "sync_data.h"

#include <algorithm>
#include <cmath>

#include "visema/core/error.h"
#include "visema/models/sync_network.h"

namespace visema::training {
namespace {

constexpr std::int64_t kPixels = kSyncCrop * kSyncCrop;
constexpr float kFarthest = 0.03F;  // seconds from a grid time to its frame

/// The frame nearest to a time, in ascending times.
std::size_t nearest(const std::vector<float>& times, float t) {
  const auto after = std::lower_bound(times.begin(), times.end(), t);
  if (after == times.begin()) return 0;
  if (after == times.end()) return times.size() - 1;
  const auto i = static_cast<std::size_t>(after - times.begin());
  return t - times[i - 1] <= times[i] - t ? i - 1 : i;
}

SyncClip load_clip(const PackClip& listed, const TensorFile& file) {
  const auto name = [&](const char* part) { return PackReader::tensor_name(listed, part); };
  if (!file.contains(name("mouth")))
    throw Error(ErrorCode::kInput, file.source() + ": " + name("mouth") +
                                       " is missing: make the pack again with visema prepare");
  SyncClip clip;
  clip.id = listed.id;
  clip.source = listed.source;
  clip.person = listed.person;
  clip.weight = listed.weight;
  const std::vector<float> times = file.floats(name("time"));
  const std::vector<float> mesh = file.floats(name("mesh"), {listed.frames, kMeshPoints, 3});
  const std::vector<std::int64_t> tracked = file.integers(name("valid"));
  const std::vector<std::int64_t> active = file.integers(name("active"));
  const Tensor mouth = file.get(name("mouth"));
  if (static_cast<std::int64_t>(mouth.bytes.size()) != listed.frames * kPixels ||
      static_cast<std::int64_t>(times.size()) != listed.frames || times.size() != tracked.size())
    throw Error(ErrorCode::kModel, file.source() + ": " + name("mouth") + ": must have " +
                                       std::to_string(listed.frames) + " x 48 x 48 values");
  clip.mel = file.floats(name("mel"));
  clip.active.assign(active.begin(), active.end());
  const auto count = static_cast<std::int64_t>(std::floor(times.back() * kSyncFps)) + 1;
  for (std::int64_t k = 0; k < count; ++k) {
    const float t = static_cast<float>(k) / kSyncFps;
    const std::size_t i = nearest(times, t);
    clip.valid.push_back(std::abs(times[i] - t) <= kFarthest && tracked[i] != 0 ? 1 : 0);
    const auto* pixels = reinterpret_cast<const std::uint8_t*>(mouth.bytes.data()) + i * kPixels;
    clip.mouth.insert(clip.mouth.end(), pixels, pixels + kPixels);
    for (const std::uint16_t point : kSyncPointList)
      for (int axis = 0; axis < 2; ++axis)
        clip.points.push_back(mesh[(i * kMeshPoints + point) * 3 + static_cast<std::size_t>(axis)]);
  }
  return clip;
}

}  // namespace

std::vector<SyncClip> load_sync_clips(PackReader& pack, bool training) {
  std::vector<SyncClip> clips;
  for (const PackClip& listed : pack.clips())
    if (listed.training == training && listed.own_sound && listed.frames > 0)
      clips.push_back(load_clip(listed, pack.shard(listed)));
  return clips;
}

double minutes_of(const std::vector<SyncClip>& clips) {
  double frames = 0;
  for (const SyncClip& clip : clips) frames += static_cast<double>(clip.frames());
  return frames / kSyncFps / 60;
}

}  // namespace visema::training
