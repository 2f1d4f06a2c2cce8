#include "ip_lap_sampler.h"

#include <algorithm>
#include <array>

#include "visema/core/error.h"
#include "visema/models/ip_lap_landmark_network.h"

namespace visema::training {
namespace {

constexpr double kStep = 0.04;          // between the instants of a window, seconds
constexpr double kNear = 0.12;          // of references to the window's middle, seconds
constexpr int kMostTries = 60;          // for a reference that is not near
constexpr double kWindowTurn = 0.3;     // of a window from the clip's view, in spreads
constexpr double kReferenceTurn = 0.5;  // of a reference, likewise
constexpr double kTurnPerStep = 0.03;   // while a window passes, likewise
constexpr std::size_t kMelValues = std::size_t{kIpLapMelBands} * kIpLapMelFrames;
constexpr std::size_t kPoseValues = 2 * kIplapPose;
constexpr std::size_t kContentValues = 2 * kIplapContent;

using Window = std::array<IpLapFace, kIpLapWindow>;

double instant(double t, int k) {
  constexpr int kMiddle = kIpLapWindow / 2;
  return t + kStep * (k - kMiddle);
}

bool take_window(const IpLapClip& clip, double t, Window& window) {
  for (int k = 0; k < kIpLapWindow; ++k) {
    const auto face = clip.face_at(instant(t, k));
    if (!face) return false;
    window[static_cast<std::size_t>(k)] = *face;
  }
  return true;
}

}  // namespace

IpLapSampler::IpLapSampler(const std::vector<IpLapClip>& clips, const IpLapSampling& sampling)
    : sampling_(sampling) {
  double sum = 0;
  for (const IpLapClip& clip : clips) {
    Source source{&clip, {}};
    Window window;
    for (std::size_t i = 0; i < clip.time_s.size(); ++i)
      if (take_window(clip, clip.time_s[i], window)) source.frames.push_back(i);
    const double length = clip.time_s.back() - clip.time_s.front();
    const double share =
        static_cast<double>(source.frames.size()) / static_cast<double>(clip.frames());
    if (!(clip.weight * length * share > 0)) continue;
    sum += clip.weight * length * share;
    sources_.push_back(std::move(source));
    reach_.push_back(sum);
  }
}

const IpLapFace& IpLapSampler::draw_reference(const IpLapClip& clip, double t,
                                              Random& random) const {
  const IpLapFace* found = &clip.rest;
  for (int tries = 0; tries < kMostTries; ++tries) {
    const auto i = static_cast<std::size_t>(random.below(clip.frames()));
    if (clip.valid[i] == 0) continue;
    found = &clip.faces[i];
    if (std::abs(clip.time_s[i] - t) > kNear) break;
  }
  return *found;
}

void IpLapSampler::draw_window(const Source& source, Random& random, std::int64_t row,
                               IpLapSamples& out) const {
  const IpLapClip& clip = *source.clip;
  const auto place = random.below(static_cast<std::int64_t>(source.frames.size()));
  const double frame_s = clip.time_s[source.frames[static_cast<std::size_t>(place)]];
  double t = frame_s + random.uniform(0, kStep);
  Window window;
  if (!take_window(clip, t, window)) take_window(clip, t = frame_s, window);

  const auto draw_view = [&] { return IpLapView::draw(random, sampling_.head_turn_deg); };
  const IpLapView view = draw_view();
  const IpLapView here = view.turned(draw_view(), kWindowTurn);
  const IpLapView motion = draw_view();
  const auto first = static_cast<std::size_t>(row) * kIpLapWindow;
  for (int k = 0; k < kIpLapWindow; ++k) {
    const std::size_t at = first + static_cast<std::size_t>(k);
    copy_mel_window(clip.mel, mel_window_start(instant(t, k), clip.mel),
                    &out.mels[at * kMelValues]);
    const IpLapSeen seen = see(window[static_cast<std::size_t>(k)], clip.rest,
                               here.turned(motion, kTurnPerStep * k), sampling_.box);
    seen.put(0, kIplapPose, &out.poses[at * kPoseValues]);
    seen.put(kIplapPose, kIplapContent, &out.content[at * kContentValues]);
  }
  for (int r = 0; r < kIpLapReferenceLandmarks; ++r) {
    const auto at = static_cast<std::size_t>(row * kIpLapReferenceLandmarks + r);
    const IpLapSeen seen = see(draw_reference(clip, t, random), clip.rest,
                               view.turned(draw_view(), kReferenceTurn), sampling_.box);
    seen.put(0, kIplapPose, &out.reference_poses[at * kPoseValues]);
    seen.put(kIplapPose, kIplapContent, &out.reference_content[at * kContentValues]);
  }
}

IpLapSamples IpLapSampler::draw(std::int64_t step, std::int64_t count) const {
  if (sources_.empty())
    throw Error(ErrorCode::kInput,
                "no training clip with its own sound and five valid frames in a row");
  Random random(sampling_.seed, static_cast<std::uint64_t>(step));
  IpLapSamples out;
  out.count = count;
  const auto n = static_cast<std::size_t>(count);
  out.mels.resize(n * kIpLapWindow * kMelValues);
  out.poses.resize(n * kIpLapWindow * kPoseValues);
  out.content.resize(n * kIpLapWindow * kContentValues);
  out.reference_poses.resize(n * kIpLapReferenceLandmarks * kPoseValues);
  out.reference_content.resize(n * kIpLapReferenceLandmarks * kContentValues);
  for (std::int64_t row = 0; row < count; ++row) {
    const auto found =
        std::upper_bound(reach_.begin(), reach_.end(), random.uniform() * reach_.back());
    const auto place = static_cast<std::size_t>(std::distance(reach_.begin(), found));
    draw_window(sources_[std::min(place, sources_.size() - 1)], random, row, out);
  }
  return out;
}

}  // namespace visema::training
