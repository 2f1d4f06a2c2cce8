#include "speech_sampler.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <optional>
#include <string>

#include "speech_mirror.h"
#include "visema/core/error.h"
#include "visema/models/speech_encoder.h"
#include "visema/models/speech_network.h"

namespace visema::training {
namespace {

constexpr double kFramesPerSecond = 16000.0 / kSpeechMelHop;
constexpr double kMomentSeconds = 0.04;
constexpr double kMomentFrames = kMomentSeconds * kFramesPerSecond;
constexpr double kLongestStep = 0.1;        // between usable video frames
constexpr double kReferenceDistance = 0.3;  // of a reference from the piece, seconds
constexpr double kBeyond = 0.2;             // of a piece beyond the ends of its clip, seconds
constexpr double kLostFrom = 0.6;           // of a piece: the time that lost spans are relative to
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

/// The encoder's features at a moment between two mel frames of the clip or of its neighbour, where
/// there is sound.
void put_encoded(const SpeechClip& clip, const SpeechClip* neighbour, double mel_frame, float* to) {
  const SpeechClip* from = &clip;
  if (mel_frame < 0 || mel_frame > static_cast<double>(clip.mel_frames() - 1)) {
    const bool before = mel_frame < 0;
    mel_frame += static_cast<double>(before && neighbour != nullptr ? neighbour->mel_frames()
                                                                    : -clip.mel_frames());
    from = neighbour;
    if (from == nullptr || mel_frame < 0 || mel_frame > static_cast<double>(from->mel_frames() - 1))
      return;
  }
  const double place = mel_frame * kSpeechMelHop / kEncodedHop;
  const auto row = std::min(static_cast<std::int64_t>(place), from->encoded_rows() - 2);
  const auto part = static_cast<float>(place - static_cast<double>(row));
  const float* rows = &from->encoded[row * kEncodedWidth];
  for (int i = 0; i < kEncodedWidth; ++i)
    to[i] = rows[i] + part * (rows[kEncodedWidth + i] - rows[i]);
}

}  // namespace

SpeechSampler::SpeechSampler(const SpeechSet& set, const SpeechBasis& basis, std::uint64_t seed,
                             const Shares& shares)
    : set_(set),
      basis_(basis),
      seed_(seed),
      shares_(shares),
      gap_row_(lip_gap_row(basis.lower)),
      rest_(basis.lower.count, 0.0F),
      mirror_lower_(mirror_matrix(basis.lower, set.mean_rest)),
      mirror_upper_(mirror_matrix(basis.upper, set.mean_rest)) {
  std::vector<double> seconds(set_.clips.size());
  std::map<std::string, double> of_source;
  for (std::size_t c = 0; c < set_.clips.size(); ++c) {
    const SpeechClip& clip = set_.clips[c];
    for (std::int64_t i = 0; i + 1 < clip.frames(); ++i)
      if (usable(clip, i)) seconds[c] += clip.time_s[i + 1] - clip.time_s[i];
    of_source[clip.source] += seconds[c];
  }
  double sum = 0;
  for (std::size_t c = 0; c < set_.clips.size(); ++c) {
    const SpeechClip& clip = set_.clips[c];
    if (!(seconds[c] > 0) || !(clip.weight > 0)) continue;
    sum += clip.weight * seconds[c] * std::pow(of_source[clip.source], -shares.balance);
    clips_.push_back(c);
    reach_.push_back(sum);
  }
}

SpeechSamples SpeechSampler::reserve(std::int64_t count, std::int64_t moments,
                                     std::int64_t mel_frames) const {
  SpeechSamples out;
  out.count = count;
  out.moments = moments;
  out.mel_frames = mel_frames;
  const auto n = static_cast<std::size_t>(count);
  const auto all = static_cast<std::size_t>(count * moments);
  out.mel.resize(n * mel_frames * kSpeechBands);
  if (set_.encoded) out.encoded.resize(n * mel_frames * kEncodedWidth);
  out.positions.resize(all);
  out.references.resize(n * kSpeechReferences * basis_.lower.count);
  out.present.resize(n * kSpeechReferences);
  out.lower.resize(all * basis_.lower.count);
  out.upper.resize(all * basis_.upper.count);
  out.valid.resize(all);
  out.rest_gap.resize(n);
  return out;
}

void SpeechSampler::cut_sound(const SpeechClip& clip, const SpeechClip* neighbour, double t,
                              const SpeechAugment* augment, std::int64_t row,
                              SpeechSamples& out) const {
  const double speed = augment == nullptr ? 1 : augment->speed;
  const double band_scale = augment == nullptr ? 1 : augment->band_scale;
  const double first = t * kFramesPerSecond;
  const double position = kSpeechBefore + first - std::floor(first);
  float* piece = &out.mel[row * out.mel_frames * kSpeechBands];
  std::vector<double> seconds(out.mel_frames);
  std::vector<std::int64_t> index(out.mel_frames);
  std::array<float, kSpeechBands> blended{};
  for (std::int64_t j = 0; j < out.mel_frames; ++j) {
    const double away = static_cast<double>(j) - position;  // mel frames from the first moment
    const double place = first + speed * away;
    const double floor = speed == 1 ? std::round(place) : std::floor(place);
    const float part = speed == 1 ? 0.0F : static_cast<float>(place - floor);
    index[j] = static_cast<std::int64_t>(floor);
    seconds[j] = away / kFramesPerSecond - kLostFrom;
    const float* before = frame_at(clip, neighbour, index[j]);
    const float* after = part > 0 ? frame_at(clip, neighbour, index[j] + 1) : before;
    for (int b = 0; b < kSpeechBands; ++b) {
      const float from = before == nullptr ? kSpeechMelSilence : before[b];
      const float to = after == nullptr ? kSpeechMelSilence : after[b];
      blended[b] = from + part * (to - from);
    }
    float* frame = piece + j * kSpeechBands;
    for (int b = 0; b < kSpeechBands; ++b) {
      const double at = std::min<double>(b * band_scale, kSpeechBands - 1);
      const int low = static_cast<int>(at);
      const int high = std::min(low + 1, kSpeechBands - 1);
      frame[b] = blended[low] + static_cast<float>(at - low) * (blended[high] - blended[low]);
    }
  }
  out.positions[row * out.moments] = static_cast<float>(position);
  if (set_.encoded) cut_encoded(clip, neighbour, first, speed, row, out);
  if (augment != nullptr) apply(*augment, seconds, index, piece);
}

void SpeechSampler::cut_encoded(const SpeechClip& clip, const SpeechClip* neighbour, double first,
                                double speed, std::int64_t row, SpeechSamples& out) const {
  const double position = out.positions[row * out.moments];
  float* to = &out.encoded[row * out.mel_frames * kEncodedWidth];
  for (std::int64_t j = 0; j < out.mel_frames; ++j, to += kEncodedWidth) {
    const double place = first + speed * (static_cast<double>(j) - position);
    std::fill_n(to, kEncodedWidth, 0.0F);
    put_encoded(clip, neighbour, speed == 1 ? std::round(place) : place, to);
  }
}

bool SpeechSampler::cut_target(const SpeechClip& clip, double t, std::int64_t at,
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
  float* lower = &out.lower[at * basis_.lower.count];
  between(clip.lower, basis_.lower.count, lower);
  between(clip.upper, basis_.upper.count, &out.upper[at * basis_.upper.count]);
  out.valid[at] = 1;
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
                                                         double end, Random& random) const {
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
        random.chance(shares_.own_references)
            ? clip
            : set_.clips[own[random.below(static_cast<std::int64_t>(own.size()))]];
    const std::int64_t frame = random.below(from.frames());
    const bool near = &from == &clip && from.time_s[frame] > t - kReferenceDistance &&
                      from.time_s[frame] < end + kReferenceDistance;
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
  const auto frames = static_cast<std::size_t>(out.mel_frames);
  float* piece = &out.mel[row * out.mel_frames * kSpeechBands];
  std::fill_n(piece, frames * kSpeechBands, kSpeechMelSilence);
  std::vector<std::int64_t> index(frames);
  std::iota(index.begin(), index.end(), 0);
  apply(augment, std::vector<double>(frames, 0.0), index, piece);
  if (set_.encoded)
    std::fill_n(out.encoded.begin() + row * out.mel_frames * kEncodedWidth,
                out.mel_frames * kEncodedWidth, 0.0F);
  std::fill_n(&out.lower[row * out.moments * basis_.lower.count], out.moments * basis_.lower.count,
              0.0F);
  std::fill_n(&out.valid[row * out.moments], out.moments, 1.0F);
}

void SpeechSampler::mirror_piece(std::int64_t row, SpeechSamples& out) const {
  const auto turn = [](const std::vector<float>& matrix, std::int64_t count, float* rows,
                       std::int64_t times) {
    std::vector<float> before(count);
    for (std::int64_t i = 0; i < times; ++i, rows += count) {
      std::copy_n(rows, count, before.begin());
      for (std::int64_t k = 0; k < count; ++k)
        rows[k] = std::inner_product(before.begin(), before.end(), &matrix[k * count], 0.0F);
    }
  };
  const std::int64_t lower = basis_.lower.count;
  const std::int64_t upper = basis_.upper.count;
  turn(mirror_lower_, lower, &out.lower[row * out.moments * lower], out.moments);
  turn(mirror_upper_, upper, &out.upper[row * out.moments * upper], out.moments);
  // References are divided by the deviation of each coefficient.
  const std::vector<float>& deviation = basis_.lower.deviation;
  float* reference = &out.references[row * kSpeechReferences * lower];
  for (int r = 0; r < kSpeechReferences; ++r, reference += lower) {
    for (std::int64_t k = 0; k < lower; ++k) reference[k] *= deviation[k];
    turn(mirror_lower_, lower, reference, 1);
    for (std::int64_t k = 0; k < lower; ++k) reference[k] /= deviation[k];
  }
}

SpeechSamples SpeechSampler::draw(std::int64_t step, std::int64_t pieces) const {
  if (clips_.empty())
    throw Error(ErrorCode::kInput, "no training clip with its own sound and two valid frames");
  Random random(seed_, static_cast<std::uint64_t>(step));
  SpeechSamples out =
      reserve(pieces, kMoments,
              kSpeechBefore + static_cast<std::int64_t>(std::ceil(kMomentFrames * (kMoments - 1))) +
                  1 + kSpeechAfter + 1);
  const auto clip_count = static_cast<std::int64_t>(set_.clips.size());
  for (std::int64_t row = 0; row < pieces; ++row) {
    SpeechAugment augment = SpeechAugment::draw(random);
    if (shares_.augmented < 1 && !random.chance(shares_.augmented)) augment = {};
    const double step_s = augment.speed * kMomentSeconds;
    const double length = step_s * (kMoments - 1);
    for (bool found = false; !found;) {
      const auto place =
          std::upper_bound(reach_.begin(), reach_.end(), random.uniform() * reach_.back());
      const SpeechClip& clip =
          set_.clips[clips_[std::min<std::size_t>(place - reach_.begin(), clips_.size() - 1)]];
      const double begin = clip.time_s.front() - kBeyond;
      const double last = std::max(begin, clip.time_s.back() - length + kBeyond);
      const double t = random.uniform(begin, last);
      for (std::int64_t i = 0; i < kMoments; ++i)
        found =
            cut_target(clip, t + step_s * static_cast<double>(i), row * kMoments + i, out) || found;
      if (!found) continue;
      const SpeechClip* neighbour =
          random.chance(0.5) ? &set_.clips[random.below(clip_count)] : nullptr;
      cut_sound(clip, neighbour, t, &augment, row, out);
      for (std::int64_t i = 1; i < kMoments; ++i)
        out.positions[row * kMoments + i] = static_cast<float>(
            out.positions[row * kMoments] + kMomentFrames * static_cast<double>(i));
      out.rest_gap[row] = clip.rest_gap;
      put_references(draw_references(clip, t, t + length, random), row, out);
    }
    if (random.chance(kSilentShare)) make_silent(random, row, out);
    if (random.chance(shares_.mirrored)) mirror_piece(row, out);
  }
  return out;
}

SpeechSamples SpeechSampler::frames(const SpeechClip& clip, std::int64_t first, std::int64_t count,
                                    References references) const {
  const double t = clip.time_s[first];
  const double before = std::floor(t * kFramesPerSecond) - kSpeechBefore;
  const double last = clip.time_s[first + count - 1] * kFramesPerSecond - before;
  SpeechSamples out =
      reserve(1, count, static_cast<std::int64_t>(std::floor(last)) + kSpeechAfter + 1);
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
  cut_sound(clip, nullptr, t, nullptr, 0, out);
  put_references(chosen, 0, out);
  for (std::int64_t i = 0; i < count; ++i)
    out.positions[i] = static_cast<float>(clip.time_s[first + i] * kFramesPerSecond - before);
  std::copy_n(&clip.lower[first * basis_.lower.count], count * basis_.lower.count,
              out.lower.begin());
  std::copy_n(&clip.upper[first * basis_.upper.count], count * basis_.upper.count,
              out.upper.begin());
  std::fill(out.valid.begin(), out.valid.end(), 1.0F);
  out.rest_gap[0] = clip.rest_gap;
  return out;
}

}  // namespace visema::training
