#include "sync_sampler.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "random.h"
#include "speech_augment.h"
#include "visema/models/sync_network.h"

namespace visema::training {
namespace {

constexpr std::int64_t kEdge = kSyncCrop - kSyncPicture;
constexpr std::int64_t kPixels = kSyncPicture * kSyncPicture;
constexpr std::int64_t kReach = kSyncSpeechReach;
constexpr std::int64_t kSpeaks = 6;     // mel frames around a moment that make it speech
constexpr float kSilentWeight = 0.05F;  // of moments without speech
constexpr int kRing = 20;               // points of a lip contour
constexpr int kLipPoints = 2 * kRing;
constexpr float kLipY = 0.8F;  // canonical height of the mouth, about which points are scaled

/// Where the mirrored face has point i of kSyncPointList.
int mirrored(int i) {
  if (i < kLipPoints) return i / kRing * kRing + (kRing / 2 - i % kRing + kRing) % kRing;
  return kLipPoints + (kSyncPoints - 1 - i);
}

/// How one piece's picture is changed, the same in all of its frames.
struct PictureAugment {
  std::int64_t x = kEdge / 2;
  std::int64_t y = kEdge / 2;
  bool mirror = false;
  float gamma = 1;
  int noise = 0;  // levels
  bool blur = false;
  bool no_picture = false;
  bool no_points = false;
  float scale = 1;                 // of the points about the mouth
  float shift_x = 0, shift_y = 0;  // canonical
  float point_noise = 0;

  static PictureAugment draw(Random& random) {
    PictureAugment a;
    a.x = random.below(kEdge + 1);
    a.y = random.below(kEdge + 1);
    a.mirror = random.chance(0.5);
    a.gamma = static_cast<float>(std::exp(random.uniform(-0.4, 0.4)));
    if (random.chance(0.3)) a.noise = static_cast<int>(random.uniform(2, 14));
    a.blur = random.chance(0.3);
    const double lost = random.uniform();
    a.no_picture = lost < 0.1;
    a.no_points = lost > 0.85;
    a.scale = static_cast<float>(random.uniform(0.93, 1.07));
    a.shift_x = static_cast<float>(random.normal() * 0.01);
    a.shift_y = static_cast<float>(random.normal() * 0.015);
    a.point_noise = static_cast<float>(random.uniform(0, 0.004));
    return a;
  }
};

/// Mean of 3x3 pixels inside the border: the look of a small or unsharp face.
void blur(std::uint8_t* picture) {
  std::array<std::uint8_t, kPixels> copy{};
  std::copy_n(picture, kPixels, copy.begin());
  for (std::int64_t y = 1; y + 1 < kSyncPicture; ++y)
    for (std::int64_t x = 1; x + 1 < kSyncPicture; ++x) {
      int sum = 4;
      for (std::int64_t row = y - 1; row <= y + 1; ++row)
        for (std::int64_t column = x - 1; column <= x + 1; ++column)
          sum += copy[row * kSyncPicture + column];
      picture[y * kSyncPicture + x] = static_cast<std::uint8_t>(sum / 9);
    }
}

void cut_picture(const std::uint8_t* crop, const PictureAugment& a, const std::uint8_t* levels,
                 Random& random, std::uint8_t* out) {
  for (std::int64_t y = 0; y < kSyncPicture; ++y)
    for (std::int64_t x = 0; x < kSyncPicture; ++x) {
      const std::int64_t from = a.mirror ? kSyncCrop - 1 - (x + a.x) : x + a.x;
      out[y * kSyncPicture + x] = levels[crop[(y + a.y) * kSyncCrop + from]];
    }
  if (a.blur) blur(out);
  if (a.noise == 0) return;
  // Uniform noise out of eight bytes of a random number at a time.
  for (std::int64_t i = 0; i < kPixels; i += 8) {
    std::uint64_t bits = random.next();
    for (std::int64_t j = i; j < std::min(kPixels, i + 8); ++j, bits >>= 8) {
      const int level = out[j] + (static_cast<int>(bits & 255) - 128) * a.noise / 74;
      out[j] = static_cast<std::uint8_t>(std::clamp(level, 0, 255));
    }
  }
}

void copy_points(const float* points, const PictureAugment& a, Random& random, float* out) {
  for (int i = 0; i < kSyncPoints; ++i) {
    const float* p = points + (a.mirror ? mirrored(i) : i) * 2;
    const float x = a.mirror ? -p[0] : p[0];
    const auto noise = [&] { return a.point_noise * static_cast<float>(random.normal()); };
    out[i * 2] = x * a.scale + a.shift_x + noise();
    out[i * 2 + 1] = (p[1] - kLipY) * a.scale + kLipY + a.shift_y + noise();
  }
}

void cut_video(const SyncClip& clip, std::int64_t first, Random& random, std::int64_t row,
               SyncSamples& out) {
  const PictureAugment a = PictureAugment::draw(random);
  std::array<std::uint8_t, 256> levels{};
  for (int i = 0; i < 256; ++i)
    levels[i] = static_cast<std::uint8_t>(
        std::lround(255 * std::pow(static_cast<float>(i) / 255, a.gamma)));
  for (std::int64_t f = 0; f < out.frames; ++f) {
    std::uint8_t* picture = &out.pictures[(row * out.frames + f) * kPixels];
    float* points = &out.points[(row * out.frames + f) * kSyncPoints * 2];
    if (a.no_picture)
      std::fill_n(picture, kPixels, std::uint8_t{128});
    else
      cut_picture(&clip.mouth[(first + f) * kSyncCrop * kSyncCrop], a, levels.data(), random,
                  picture);
    if (a.no_points)
      std::fill_n(points, kSyncPoints * 2, 0.0F);
    else
      copy_points(&clip.points[(first + f) * kSyncPoints * 2], a, random, points);
  }
}

void cut_sound(const SyncClip& clip, std::int64_t first_moment, std::int64_t moments,
               Random& random, std::int64_t row, SyncSamples& out) {
  const double start = (static_cast<double>(first_moment) + clip.offset) * kSyncMelPerFrame;
  const auto begin = static_cast<std::int64_t>(std::floor(start)) - kReach;
  float* mel = &out.mel[row * out.mel_frames * kSyncMelBands];
  std::vector<double> seconds;
  std::vector<std::int64_t> index;
  for (std::int64_t j = 0; j < out.mel_frames; ++j) {
    const std::int64_t k = begin + j;
    float* frame = mel + j * kSyncMelBands;
    if (k >= 0 && k < clip.mel_frames())
      std::copy_n(&clip.mel[k * kSyncMelBands], kSyncMelBands, frame);
    else
      std::fill_n(frame, kSyncMelBands, -4.0F);
    seconds.push_back(static_cast<double>(j) / 80);
    index.push_back(k + 1000);
  }
  SpeechAugment augment = SpeechAugment::draw(random);
  augment.lost_seconds = {};
  apply(augment, seconds, index, mel);
  for (std::int64_t m = 0; m < moments; ++m)
    out.positions[row * moments + m] = static_cast<float>(
        start + static_cast<double>(m) * kSyncMelPerFrame - static_cast<double>(begin));
}

/// 1 where the mouth was seen in all of the window and the sound around the moment speaks.
float weight_of(const SyncClip& clip, std::int64_t moment, std::int64_t window) {
  for (std::int64_t f = moment - window / 2; f < moment - window / 2 + window; ++f)
    if (clip.valid[f] == 0) return 0;
  const auto centre =
      static_cast<std::int64_t>((static_cast<double>(moment) + clip.offset) * kSyncMelPerFrame);
  for (std::int64_t k = centre - kSpeaks; k <= centre + kSpeaks; ++k)
    if (k >= 0 && k < clip.mel_frames() && clip.active[k] != 0) return 1;
  return kSilentWeight;
}

}  // namespace

SyncSampler::SyncSampler(const std::vector<SyncClip>& clips, std::int64_t window,
                         std::uint64_t seed)
    : clips_(clips), window_(window), seed_(seed) {
  std::map<std::string, double> frames;
  for (const SyncClip& clip : clips) frames[clip.person] += static_cast<double>(clip.frames());
  double sum = 0;
  for (std::size_t i = 0; i < clips.size(); ++i) {
    const auto sound =
        static_cast<std::int64_t>(static_cast<double>(clips[i].mel_frames()) / kSyncMelPerFrame);
    const std::int64_t most = std::min(clips[i].frames(), sound) - kFrames;
    if (most < 0) continue;
    starts_.push_back({i, most});
    // A person counts by the root of its frames: much footage counts more, but rules nothing.
    sum += clips[i].weight * static_cast<double>(clips[i].frames()) /
           std::sqrt(frames[clips[i].person]);
    reach_.push_back(sum);
  }
}

SyncSamples SyncSampler::draw(std::int64_t step, std::int64_t count) const {
  Random random(seed_, static_cast<std::uint64_t>(step));
  const std::int64_t moments = kFrames - window_ + 1;
  SyncSamples out;
  out.count = count;
  out.frames = kFrames;
  out.mel_frames =
      static_cast<std::int64_t>(std::ceil(static_cast<double>(moments) * kSyncMelPerFrame)) +
      2 * kReach + 2;
  out.pictures.resize(static_cast<std::size_t>(count * kFrames * kPixels));
  out.points.resize(static_cast<std::size_t>(count * kFrames * kSyncPoints * 2));
  out.mel.resize(static_cast<std::size_t>(count * out.mel_frames * kSyncMelBands));
  out.positions.resize(static_cast<std::size_t>(count * moments));
  for (std::int64_t row = 0; row < count; ++row) {
    const double at = random.uniform() * reach_.back();
    const auto found = std::lower_bound(reach_.begin(), reach_.end(), at);
    const auto place =
        std::min<std::size_t>(static_cast<std::size_t>(found - reach_.begin()), starts_.size() - 1);
    const SyncClip& clip = clips_[starts_[place].clip];
    const std::int64_t first = random.below(starts_[place].most + 1);
    cut_video(clip, first, random, row, out);
    cut_sound(clip, first + window_ / 2, moments, random, row, out);
    for (std::int64_t m = 0; m < moments; ++m)
      out.weight.push_back(weight_of(clip, first + window_ / 2 + m, window_));
  }
  return out;
}

}  // namespace visema::training
