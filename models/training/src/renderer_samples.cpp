#include "renderer_samples.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <utility>

#include "visema/renderer/generator_input.h"

namespace visema::training {
namespace {

constexpr int kApartFrames = 3;
constexpr int kDraws = 5;
constexpr double kPortraitShare = 0.35;
constexpr double kClosedPortraitShare = 0.7;
constexpr double kOpenTargetShare = 0.3;
constexpr double kMirrorShare = 0.5;
constexpr double kDriftShare = 0.5;
constexpr float kJitterPx = 0.5f;

std::size_t below(std::size_t count, Random& random) {
  return static_cast<std::size_t>(random.below(static_cast<std::int64_t>(count)));
}

std::vector<std::size_t> frames_apart(const CropClip& clip, std::size_t target) {
  std::vector<std::size_t> frames;
  for (std::size_t n = 0; n < clip.count(); ++n)
    if (std::abs(clip.frame[n] - clip.frame[target]) >= kApartFrames) frames.push_back(n);
  return frames;
}

/// Of a few frames drawn at random the one whose lips are the most closed (or open).
std::size_t extreme(const CropClip& clip, const std::vector<std::size_t>& frames, bool open,
                    Random& random) {
  std::size_t best = frames[below(frames.size(), random)];
  for (int draw = 1; draw < kDraws; ++draw) {
    const std::size_t other = frames[below(frames.size(), random)];
    if ((clip.gap_px[other] > clip.gap_px[best]) == open) best = other;
  }
  return best;
}

Reference view(const CropClip& clip, std::size_t n) {
  return {clip.picture(n), clip.points_of(n)};
}

}  // namespace

RendererSampler::RendererSampler(const CropSet& set, Split split) : set_(set) {
  double sum = 0;
  for (std::size_t i = 0; i < set.clips.size(); ++i) {
    const CropClip& clip = set.clips[i];
    const auto [first, last] = std::minmax_element(clip.frame.begin(), clip.frame.end());
    if (clip.validation != (split == Split::kValidation) || *last - *first < 2 * kApartFrames)
      continue;
    sum += clip.weight * std::sqrt(static_cast<double>(clip.count()));
    clips_.push_back(i);
    cumulative_.push_back(sum);
  }
}

SampleChoice RendererSampler::choose(Random& random) const {
  const double at = random.uniform(0, cumulative_.back());
  const auto found = std::upper_bound(cumulative_.begin(), cumulative_.end() - 1, at);
  SampleChoice choice;
  choice.clip = clips_[static_cast<std::size_t>(found - cumulative_.begin())];
  const CropClip& clip = set_.clips[choice.clip];
  std::vector<std::size_t> frames;
  while (frames.empty()) {
    choice.target = below(clip.count(), random);
    if (random.chance(kOpenTargetShare)) {
      const std::size_t other = below(clip.count(), random);
      if (clip.gap_px[other] > clip.gap_px[choice.target]) choice.target = other;
    }
    frames = frames_apart(clip, choice.target);
  }
  if (random.chance(kPortraitShare)) {
    choice.closed = random.chance(kClosedPortraitShare) ? extreme(clip, frames, false, random)
                                                        : frames[below(frames.size(), random)];
    choice.open = choice.closed;
  } else {
    choice.closed = extreme(clip, frames, false, random);
    choice.open = extreme(clip, frames, true, random);
    if (clip.gap_px[choice.closed] > clip.gap_px[choice.open])
      std::swap(choice.closed, choice.open);
  }
  return choice;
}

RendererSample RendererSampler::make(const SampleChoice& choice, Augment augment,
                                     Random& random) const {
  const CropClip& clip = set_.clips[choice.clip];
  Reference target = view(clip, choice.target);
  Reference closed = view(clip, choice.closed);
  Reference open = view(clip, choice.open);
  if (augment == Augment::kYes) {
    const bool mirrored = random.chance(kMirrorShare);
    const ColourMap camera = random_camera(random);
    const bool drifts = random.chance(kDriftShare);
    for (Reference* each : {&target, &closed, &open}) {
      if (mirrored) {
        mirror(each->crop);
        mirror(each->points, set_.mirror, kCropSize);
      }
      apply(camera, each->crop);
      if (each == &target) continue;
      if (drifts) apply(random_drift(random), each->crop);
      jitter(each->points, kJitterPx, random);
    }
  }
  RendererSample sample{std::vector<float>(kGeneratorInputSize),
                        std::vector<float>(3 * kCropPixels)};
  picture_planes(target.crop, sample.target);
  build_generator_input(target.crop, target.points, closed,
                        choice.open == choice.closed ? closed : open, set_.triangles,
                        sample.planes);
  return sample;
}

}  // namespace visema::training
