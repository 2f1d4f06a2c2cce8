#include "ip_lap_clips.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "visema/core/error.h"
#include "visema/core/face_points.h"
#include "visema/models/ip_lap_landmark_network.h"

namespace visema::training {
namespace {

constexpr double kMelRate = 80;
constexpr double kMelBefore = 2.0 / 25;  // of a window before its time, seconds
constexpr double kRounding = 1e-4;       // times are float
constexpr double kLongestStep = 0.1;     // between usable frames, seconds
constexpr std::uint16_t kUpperLip = 0, kLowerLip = 17;

constexpr std::size_t place_of(std::uint16_t point) {
  for (std::size_t i = 0; i < kIplapIndices.size(); ++i)
    if (kIplapIndices[i] == point) return i;
  return kIplapIndices.size();
}

IpLapFace face_of(const float* mesh) {
  IpLapFace face;
  for (std::size_t i = 0; i < face.size(); ++i) {
    const float* p = mesh + std::ptrdiff_t{3} * kIplapIndices[i];
    face[i] = {p[0], p[1], p[2]};
  }
  return face;
}

IpLapClip load(const PackClip& listed, const TensorFile& file) {
  const auto name = [&](const char* part) { return PackReader::tensor_name(listed, part); };
  IpLapClip clip;
  clip.id = listed.id;
  clip.source = listed.source;
  clip.weight = listed.weight;
  clip.time_s = file.floats(name("time"));
  const std::vector<std::int64_t> valid = file.integers(name("valid"));
  if (static_cast<std::int64_t>(valid.size()) != clip.frames())
    throw Error(ErrorCode::kModel, file.source() + ": " + name("valid") + " has " +
                                       std::to_string(valid.size()) + " values: must have " +
                                       std::to_string(clip.frames()));
  clip.valid.assign(valid.begin(), valid.end());
  clip.mel = file.floats(name("mel"));
  const std::vector<float> mesh = file.floats(name("mesh"), {clip.frames(), kMeshPoints, 3});
  clip.faces.reserve(clip.valid.size());
  for (std::int64_t i = 0; i < clip.frames(); ++i)
    clip.faces.push_back(face_of(&mesh[static_cast<std::size_t>(i) * kMeshPoints * 3]));
  clip.rest = face_of(file.floats(name("rest"), {kMeshPoints, 3}).data());
  return clip;
}

float between(float a, float b, float part) {
  return a + part * (b - a);
}

}  // namespace

std::optional<IpLapFace> IpLapClip::face_at(double t) const {
  const auto after = std::upper_bound(time_s.begin(), time_s.end(), t + kRounding);
  const auto i = static_cast<std::size_t>(std::distance(time_s.begin(), after)) - 1;
  if (after == time_s.begin() || valid[i] == 0) return std::nullopt;
  const double past = t - time_s[i];
  if (past < kRounding) return faces[i];
  if (i + 1 >= time_s.size() || valid[i + 1] == 0) return std::nullopt;
  const double step = time_s[i + 1] - time_s[i];
  if (!(step > 0) || step > kLongestStep) return std::nullopt;
  const auto part = static_cast<float>(past / step);
  IpLapFace face;
  for (std::size_t k = 0; k < face.size(); ++k) {
    const Point3 &a = faces[i][k], &b = faces[i + 1][k];
    face[k] = {between(a.x, b.x, part), between(a.y, b.y, part), between(a.z, b.z, part)};
  }
  return face;
}

std::int64_t mel_window_start(double t, const std::vector<float>& mel) {
  const auto frames = static_cast<std::int64_t>(mel.size()) / kIpLapMelBands;
  const auto start = static_cast<std::int64_t>(std::floor(kMelRate * (t - kMelBefore) + kRounding));
  return std::clamp<std::int64_t>(start, 0, frames - kIpLapMelFrames);
}

void copy_mel_window(const std::vector<float>& mel, std::int64_t start, float* window) {
  for (int band = 0; band < kIpLapMelBands; ++band)
    for (int k = 0; k < kIpLapMelFrames; ++k)
      window[band * kIpLapMelFrames + k] =
          mel[static_cast<std::size_t>((start + k) * kIpLapMelBands + band)];
}

std::vector<IpLapClip> load_ip_lap_clips(PackReader& pack, bool training) {
  std::vector<IpLapClip> clips;
  for (const PackClip& listed : pack.clips()) {
    if (listed.training != training || !listed.own_sound || listed.frames < kIpLapWindow) continue;
    IpLapClip clip = load(listed, pack.shard(listed));
    const bool seen = std::find(clip.valid.begin(), clip.valid.end(), 1) != clip.valid.end();
    if (seen && clip.mel_frames() >= kIpLapMelFrames) clips.push_back(std::move(clip));
  }
  return clips;
}

float lip_gap(const IpLapFace& face) {
  float sum = 0;
  for (const auto& [upper, lower] : kLipGapPairs)
    sum += face[place_of(lower)].y - face[place_of(upper)].y;
  return sum / static_cast<float>(kLipGapPairs.size());
}

std::vector<std::size_t> spread_references(const IpLapClip& clip, int wanted) {
  constexpr std::size_t kUpper = place_of(kUpperLip), kLower = place_of(kLowerLip);
  std::vector<std::pair<float, std::size_t>> order;
  for (std::size_t i = 0; i < clip.faces.size(); ++i) {
    const Point3 &a = clip.faces[i][kUpper], &b = clip.faces[i][kLower];
    if (clip.valid[i] != 0) order.emplace_back(std::hypot(a.x - b.x, a.y - b.y), i);
  }
  std::sort(order.begin(), order.end());
  std::vector<std::size_t> chosen;
  if (order.empty()) return chosen;
  const auto steps = static_cast<std::size_t>(std::max(1, wanted - 1));
  for (std::size_t i = 0; i < static_cast<std::size_t>(wanted); ++i)
    chosen.push_back(order[i * (order.size() - 1) / steps].second);
  return chosen;
}

}  // namespace visema::training
