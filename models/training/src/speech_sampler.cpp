#include "speech_sampler.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>

#include "visema/core/error.h"
#include "visema/models/speech_network.h"

namespace visema::training {
namespace {

constexpr double kFramesPerSecond = 16000.0 / kSpeechMelHop;
constexpr double kLookaheadSeconds = kSpeechLookahead / 16000.0;
constexpr double kPairSeconds = 0.04;
constexpr double kLongestStep = 0.1;        // between usable video frames
constexpr double kReferenceDistance = 0.3;  // of a reference from the moment, seconds
constexpr float kSilentGap = 0.02F;         // most opening that silence may teach
constexpr double kSilentShare = 0.03;
constexpr double kRestOnlyShare = 0.3;
constexpr int kReferencePool = 12;

std::optional<std::int64_t> segment_at(const SpeechClip& clip, double t) {
  const auto after = std::upper_bound(clip.time_s.begin(), clip.time_s.end(), t);
  const auto frame = std::distance(clip.time_s.begin(), after) - 1;
  if (frame < 0 || frame + 1 >= clip.frames()) return std::nullopt;
  return frame;
}

bool usable(const SpeechClip& clip, std::int64_t frame) {
  const double step = clip.time_s[frame + 1] - clip.time_s[frame];
  return clip.valid[frame] != 0 && clip.valid[frame + 1] != 0 && step > 0 && step <= kLongestStep;
}

bool silent_around(const SpeechClip& clip, double t) {
  const auto first = std::max<std::int64_t>(0, std::llround((t - 0.1) * kFramesPerSecond));
  const auto last =
      std::min(clip.mel_frames() - 1, std::int64_t{std::llround((t + 0.1) * kFramesPerSecond)});
  for (std::int64_t k = first; k <= last; ++k)
    if (clip.active[k] != 0) return false;
  return first <= last;
}

/// One frame of the clip, of its neighbour's end before the start and of its neighbour's start
/// after the end; null where there is nothing.
const float* frame_at(const SpeechClip& clip, const SpeechClip* neighbour, std::int64_t k) {
  const SpeechClip* from = &clip;
  if (k < 0 || k >= clip.mel_frames()) {
    if (neighbour == nullptr) return nullptr;
    k = k < 0 ? k + neighbour->mel_frames() : k - clip.mel_frames();
    from = neighbour;
    if (k < 0 || k >= from->mel_frames()) return nullptr;
  }
  return &from->mel[k * kSpeechBands];
}

}  // namespace

SpeechSampler::SpeechSampler(const SpeechSet& set, const SpeechBasis& basis, std::uint64_t seed)
    : set_(set),
      basis_(basis),
      seed_(seed),
      gap_row_(lip_gap_row(basis.lower)),
      rest_(basis.lower.count, 0.0F) {
  double sum = 0;
  for (std::size_t c = 0; c < set_.clips.size(); ++c) {
    const SpeechClip& clip = set_.clips[c];
    for (std::int64_t i = 0; i + 1 < clip.frames(); ++i) {
      if (!usable(clip, i) || !(clip.weight > 0)) continue;
      sum += clip.weight * (clip.time_s[i + 1] - clip.time_s[i]);
      segments_.push_back({c, i});
      reach_.push_back(sum);
    }
  }
}

SpeechSamples SpeechSampler::reserve(std::int64_t count) const {
  SpeechSamples out;
  out.count = count;
  const auto n = static_cast<std::size_t>(count);
  out.mel.resize(n * kSpeechWindowFrames * kSpeechBands);
  out.last_offset.resize(n);
  out.references.resize(n * kSpeechReferences * basis_.lower.count);
  out.present.resize(n * kSpeechReferences);
  out.lower.resize(n * basis_.lower.count);
  out.upper.resize(n * basis_.upper.count);
  out.rest_gap.resize(n);
  return out;
}

void SpeechSampler::cut_window(const SpeechClip& clip, const SpeechClip* neighbour, double t,
                               double moment, const SpeechAugment* augment, std::int64_t row,
                               SpeechSamples& out) const {
  const double speed = augment == nullptr ? 1 : augment->speed;
  const double band_scale = augment == nullptr ? 1 : augment->band_scale;
  const double last = std::floor((t + kLookaheadSeconds) * kFramesPerSecond + 1e-6);
  const double last_offset = last / kFramesPerSecond - t;
  out.last_offset[row] = static_cast<float>(last_offset);
  float* window = &out.mel[row * kSpeechWindowFrames * kSpeechBands];
  std::vector<double> seconds(kSpeechWindowFrames);
  std::vector<std::int64_t> index(kSpeechWindowFrames);
  std::array<float, kSpeechBands> blended{};
  for (int j = 0; j < kSpeechWindowFrames; ++j) {
    const double away = last_offset - (kSpeechWindowFrames - 1 - j) / kFramesPerSecond;
    const double place = (t + speed * away) * kFramesPerSecond;
    const double floor = speed == 1 ? std::round(place) : std::floor(place);
    const float part = speed == 1 ? 0.0F : static_cast<float>(place - floor);
    index[j] = static_cast<std::int64_t>(floor);
    seconds[j] = t + away - moment;
    const float* before = frame_at(clip, neighbour, index[j]);
    const float* after = part > 0 ? frame_at(clip, neighbour, index[j] + 1) : before;
    for (int b = 0; b < kSpeechBands; ++b) {
      const float from = before == nullptr ? kSpeechMelSilence : before[b];
      const float to = after == nullptr ? kSpeechMelSilence : after[b];
      blended[b] = from + part * (to - from);
    }
    float* frame = window + j * kSpeechBands;
    for (int b = 0; b < kSpeechBands; ++b) {
      const double at = std::min<double>(b * band_scale, kSpeechBands - 1);
      const int low = static_cast<int>(at);
      const int high = std::min(low + 1, kSpeechBands - 1);
      frame[b] = blended[low] + static_cast<float>(at - low) * (blended[high] - blended[low]);
    }
  }
  if (augment != nullptr) apply(*augment, seconds, index, window);
}

bool SpeechSampler::cut_target(const SpeechClip& clip, double t, std::int64_t row,
                               SpeechSamples& out) const {
  const auto frame = segment_at(clip, t);
  if (!frame || !usable(clip, *frame)) return false;
  const double step = clip.time_s[*frame + 1] - clip.time_s[*frame];
  const auto part = static_cast<float>((t - clip.time_s[*frame]) / step);
  const auto between = [&](const std::vector<float>& from, std::int64_t count, float* to) {
    const float* values = &from[*frame * count];
    for (std::int64_t k = 0; k < count; ++k)
      to[k] = values[k] + part * (values[count + k] - values[k]);
  };
  float* lower = &out.lower[row * basis_.lower.count];
  between(clip.lower, basis_.lower.count, lower);
  between(clip.upper, basis_.upper.count, &out.upper[row * basis_.upper.count]);
  out.rest_gap[row] = clip.rest_gap;
  if (silent_around(clip, t)) {
    const float opening = std::inner_product(gap_row_.begin(), gap_row_.end(), lower, 0.0F);
    if (opening > kSilentGap)
      for (std::int64_t k = 0; k < basis_.lower.count; ++k) lower[k] *= kSilentGap / opening;
  }
  return true;
}

void SpeechSampler::put_references(const std::vector<const float*>& coefficients, std::int64_t row,
                                   SpeechSamples& out) const {
  const std::int64_t count = basis_.lower.count;
  for (std::size_t r = 0; r < coefficients.size(); ++r) {
    out.present[row * kSpeechReferences + r] = 1;
    float* to = &out.references[(row * kSpeechReferences + r) * count];
    for (std::int64_t k = 0; k < count; ++k) to[k] = coefficients[r][k] / basis_.lower.deviation[k];
  }
}

std::vector<const float*> SpeechSampler::draw_references(const SpeechClip& clip, double t,
                                                         Random& random) const {
  if (random.chance(kRestOnlyShare)) return {rest_.data()};
  // A pool of the person's frames, thinned to an even spread over mouth openness as an avatar's
  // references are.
  struct Candidate {
    float gap;
    const float* lower;
  };
  std::vector<Candidate> pool;
  const std::vector<std::size_t>& own = set_.clips_of_person[clip.person];
  for (int tries = 0; tries < 3 * kReferencePool && pool.size() < kReferencePool; ++tries) {
    const SpeechClip& from =
        random.chance(0.4) ? clip
                           : set_.clips[own[random.below(static_cast<std::int64_t>(own.size()))]];
    const std::int64_t frame = random.below(from.frames());
    const bool near = &from == &clip && std::abs(from.time_s[frame] - t) < kReferenceDistance;
    if (from.valid[frame] == 0 || near) continue;
    pool.push_back({from.gap[frame], &from.lower[frame * basis_.lower.count]});
  }
  if (pool.empty()) return {rest_.data()};
  std::sort(pool.begin(), pool.end(),
            [](const Candidate& a, const Candidate& b) { return a.gap < b.gap; });
  const std::size_t wanted = std::min<std::size_t>(
      random.chance(0.6) ? kSpeechReferences : 1 + random.below(kSpeechReferences - 1),
      pool.size());
  std::vector<const float*> chosen;
  for (std::size_t r = 0; r < wanted; ++r)
    chosen.push_back(pool[wanted == 1 ? random.below(static_cast<std::int64_t>(pool.size()))
                                      : r * (pool.size() - 1) / (wanted - 1)]
                         .lower);
  return chosen;
}

void SpeechSampler::make_silent(Random& random, std::int64_t row, SpeechSamples& out) const {
  SpeechAugment augment;
  augment.noise_level = static_cast<float>(random.uniform(-5, -1.5));
  augment.noise_tilt = static_cast<float>(random.uniform(-1.5, 0.5));
  augment.noise_seed = random.next();
  float* window = &out.mel[row * kSpeechWindowFrames * kSpeechBands];
  std::fill_n(window, kSpeechWindowFrames * kSpeechBands, kSpeechMelSilence);
  const std::vector<double> seconds(kSpeechWindowFrames, 0.0);
  std::vector<std::int64_t> index(kSpeechWindowFrames);
  std::iota(index.begin(), index.end(), 0);
  apply(augment, seconds, index, window);
  std::fill_n(&out.lower[row * basis_.lower.count], basis_.lower.count, 0.0F);
}

SpeechSamples SpeechSampler::draw(std::int64_t step, std::int64_t pairs) const {
  if (segments_.empty())
    throw Error(ErrorCode::kInput, "no training clip with its own sound and two valid frames");
  Random random(seed_, static_cast<std::uint64_t>(step));
  SpeechSamples out = reserve(2 * pairs);
  const auto clip_count = static_cast<std::int64_t>(set_.clips.size());
  for (std::int64_t row = 0; row < pairs; ++row) {
    const std::int64_t next = pairs + row;
    const SpeechAugment augment = SpeechAugment::draw(random);
    for (int tries = 0;; ++tries) {
      const auto place =
          std::upper_bound(reach_.begin(), reach_.end(), random.uniform() * reach_.back());
      const Segment& segment =
          segments_[std::min<std::size_t>(place - reach_.begin(), segments_.size() - 1)];
      const SpeechClip& clip = set_.clips[segment.clip];
      const double begin = clip.time_s[segment.frame];
      const double t = begin + random.uniform() * (clip.time_s[segment.frame + 1] - begin) * 0.999;
      // Where no moment follows in the clip, the pair is one moment twice.
      const double later = t + augment.speed * kPairSeconds;
      if (!cut_target(clip, t, row, out)) continue;
      const bool follows = cut_target(clip, later, next, out);
      if (!follows && tries < 20) continue;
      if (!follows) cut_target(clip, t, next, out);
      const SpeechClip* neighbour =
          random.chance(0.5) ? &set_.clips[random.below(clip_count)] : nullptr;
      cut_window(clip, neighbour, t, t, &augment, row, out);
      cut_window(clip, neighbour, follows ? later : t, t, &augment, next, out);
      const std::vector<const float*> references = draw_references(clip, t, random);
      put_references(references, row, out);
      put_references(references, next, out);
      break;
    }
    if (random.chance(kSilentShare)) {
      make_silent(random, row, out);
      make_silent(random, next, out);
    }
  }
  return out;
}

SpeechSamples SpeechSampler::frames(const SpeechClip& clip, std::int64_t first, std::int64_t count,
                                    References references) const {
  SpeechSamples out = reserve(count);
  std::vector<const float*> chosen = {rest_.data()};
  if (references == References::kClip) {
    std::vector<std::int64_t> order;
    for (std::int64_t i = 0; i < clip.frames(); ++i)
      if (clip.valid[i] != 0) order.push_back(i);
    std::sort(order.begin(), order.end(), [&](std::int64_t a, std::int64_t b) {
      return std::pair(clip.gap[a], a) < std::pair(clip.gap[b], b);
    });
    if (order.size() >= kSpeechReferences) {
      chosen.clear();
      for (std::size_t r = 0; r < kSpeechReferences; ++r)
        chosen.push_back(&clip.lower[order[r * (order.size() - 1) / (kSpeechReferences - 1)] *
                                     basis_.lower.count]);
    }
  }
  for (std::int64_t row = 0; row < count; ++row) {
    const double t = clip.time_s[first + row];
    cut_window(clip, nullptr, t, t, nullptr, row, out);
    put_references(chosen, row, out);
    std::copy_n(&clip.lower[(first + row) * basis_.lower.count], basis_.lower.count,
                &out.lower[row * basis_.lower.count]);
    std::copy_n(&clip.upper[(first + row) * basis_.upper.count], basis_.upper.count,
                &out.upper[row * basis_.upper.count]);
    out.rest_gap[row] = clip.rest_gap;
  }
  return out;
}

}  // namespace visema::training
