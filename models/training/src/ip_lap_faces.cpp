#include "ip_lap_faces.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "ip_lap_clips.h"
#include "visema/core/error.h"
#include "visema/models/ip_lap_landmark_network.h"
#include "visema/renderer/iplap_sketch.h"

namespace visema::training {
namespace {

constexpr double kStep = 0.04;      // between the instants of a window, seconds
constexpr double kRounding = 1e-4;  // times are float
constexpr std::size_t kMelValues = std::size_t{kIpLapMelBands} * kIpLapMelFrames;
static_assert(kIpLapFaceSide == kIplapSketchSize);

IpLapFaceClip load(const PackClip& listed, const TensorFile& file) {
  const auto name = [&](const char* part) { return PackReader::tensor_name(listed, part); };
  IpLapFaceClip clip;
  clip.id = listed.id;
  clip.source = listed.source;
  clip.weight = listed.weight;
  clip.time_s = file.floats(name("time"));
  clip.mel = file.floats(name("mel"));
  const auto frames = static_cast<std::int64_t>(clip.time_s.size());
  const std::vector<float> points = file.floats(name("face_points"), {frames, kIplapPoints, 2});
  const std::vector<std::int64_t> sizes = file.integers(name("face_size"));
  const Tensor faces = file.get(name("face"));
  const std::vector<std::int64_t> places = file.integers(name("face_frame"));
  const std::vector<std::int64_t> shape = {static_cast<std::int64_t>(places.size()), 3,
                                           kIpLapFaceSide, kIpLapFaceSide};
  const bool fits = static_cast<std::int64_t>(sizes.size()) == 2 * frames && faces.shape == shape &&
                    faces.dtype == "U8" &&
                    std::all_of(places.begin(), places.end(),
                                [&](std::int64_t i) { return i >= 0 && i < frames; });
  if (!fits)
    throw Error(ErrorCode::kModel, file.source() + ": the whole faces of clip " + listed.id +
                                       " do not fit its frames");
  clip.frame.assign(places.begin(), places.end());
  clip.pixels = faces.bytes;
  clip.places.resize(clip.time_s.size());
  for (std::size_t i = 0; i < clip.places.size(); ++i) {
    IpLapFaceClip::Place& place = clip.places[i];
    place.width = static_cast<int>(sizes[2 * i]);
    place.height = static_cast<int>(sizes[2 * i + 1]);
    for (std::size_t p = 0; p < kIplapPoints; ++p) {
      const float* at = &points[(i * kIplapPoints + p) * 2];
      place.points[p] = {at[0], at[1]};
    }
  }
  return clip;
}

void put_sketch(const IpLapFaceClip::Place& place, float* planes) {
  const std::span<float> first(planes, kIpLapPlanes / 3);
  draw_iplap_sketch(place.points, std::max(1, place.width), std::max(1, place.height), first);
  for (float& ink : first) ink /= 255;
  std::copy(first.begin(), first.end(), planes + first.size());
  std::copy(first.begin(), first.end(), planes + 2 * first.size());
}

IpLapMouthBox mouth_of(const IpLapFaceClip::Place& place) {
  constexpr int kFirstLip = kIplapPoints - 40;  // the lips come last
  constexpr float kAround = 0.2F;
  IpLapMouthBox box = {1, 1, 0, 0};
  for (int p = kFirstLip; p < kIplapPoints; ++p) {
    const Point2 at = place.points[static_cast<std::size_t>(p)];
    box = {std::min(box.left, at.x), std::min(box.top, at.y), std::max(box.right, at.x),
           std::max(box.bottom, at.y)};
  }
  const float margin = kAround * (box.right - box.left);
  return {std::max(0.0F, box.left - margin), std::max(0.0F, box.top - margin),
          std::min(1.0F, box.right + margin), std::min(1.0F, box.bottom + margin)};
}

}  // namespace

void IpLapFaceClip::copy_face(std::size_t n, float* planes) const {
  const auto face = pixels.subspan(n * kIpLapPlanes, kIpLapPlanes);
  std::transform(face.begin(), face.end(), planes, [](std::byte level) {
    return static_cast<float>(std::to_integer<int>(level)) / 255;
  });
}

const IpLapFaceClip::Place& IpLapFaceClip::place_at(double t) const {
  const auto after = std::upper_bound(time_s.begin(), time_s.end(), t + kRounding);
  auto i = std::max<std::ptrdiff_t>(std::distance(time_s.begin(), after) - 1, 0);
  while (i > 0 && places[static_cast<std::size_t>(i)].width == 0) --i;
  while (places[static_cast<std::size_t>(i)].width == 0 && i + 1 < std::ssize(places)) ++i;
  return places[static_cast<std::size_t>(i)];
}

std::vector<IpLapFaceClip> load_ip_lap_faces(PackReader& pack, bool training,
                                             std::int64_t references) {
  std::vector<IpLapFaceClip> clips;
  bool any = false;
  for (const PackClip& listed : pack.clips()) {
    if (listed.training != training || !listed.own_sound) continue;
    const TensorFile& file = pack.shard(listed);
    if (!file.contains(PackReader::tensor_name(listed, "face"))) continue;
    any = true;
    IpLapFaceClip clip = load(listed, file);
    const bool enough =
        static_cast<std::int64_t>(clip.frame.size()) > references && clip.mel.size() >= kMelValues;
    if (enough) clips.push_back(std::move(clip));
  }
  if (!any)
    throw Error(ErrorCode::kInput,
                "the pack holds no whole faces " +
                    std::string(training ? "to train with" : "of held-out persons") +
                    ": visema prepare --faces adds them");
  return clips;
}

IpLapFaceSampler::IpLapFaceSampler(const std::vector<IpLapFaceClip>& clips, std::int64_t references,
                                   std::uint64_t seed)
    : clips_(clips), references_(static_cast<std::size_t>(references)), seed_(seed) {
  if (clips.empty())
    throw Error(ErrorCode::kInput, "no clip with its own sound and more than " +
                                       std::to_string(references) + " whole faces");
  double sum = 0;
  for (const IpLapFaceClip& clip : clips)
    reach_.push_back(sum += clip.weight * static_cast<double>(clip.frame.size()));
}

void IpLapFaceSampler::draw_one(Random& random, std::size_t row, IpLapFaceSamples& out) const {
  const auto found =
      std::upper_bound(reach_.begin(), reach_.end(), random.uniform() * reach_.back());
  const auto chosen = static_cast<std::size_t>(std::distance(reach_.begin(), found));
  const IpLapFaceClip& clip = clips_[std::min(chosen, clips_.size() - 1)];
  // The first of a shuffled order is the target, the next ones the references.
  std::vector<std::size_t> order(clip.frame.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  for (std::size_t i = 0; i <= references_; ++i)
    std::swap(order[i], order[i + static_cast<std::size_t>(
                                      random.below(static_cast<std::int64_t>(order.size() - i)))]);

  const std::size_t target = clip.frame[order[0]];
  const double t = clip.time_s[target];
  clip.copy_face(order[0], &out.face[row * kIpLapPlanes]);
  out.mouth[row] = mouth_of(clip.places[target]);
  constexpr int kMiddle = kIpLapWindow / 2;
  for (int k = 0; k < kIpLapWindow; ++k)
    put_sketch(clip.place_at(t + kStep * (k - kMiddle)),
               &out.sketches[(row * kIpLapWindow + static_cast<std::size_t>(k)) * kIpLapPlanes]);
  copy_mel_window(clip.mel, mel_window_start(t, clip.mel), &out.mel[row * kMelValues]);
  for (std::size_t r = 0; r < references_; ++r) {
    const std::size_t at = (row * references_ + r) * kIpLapPlanes;
    clip.copy_face(order[1 + r], &out.pictures[at]);
    put_sketch(clip.places[clip.frame[order[1 + r]]], &out.picture_sketches[at]);
  }
}

IpLapFaceSamples IpLapFaceSampler::draw(std::int64_t step, std::int64_t count) const {
  Random random(seed_, static_cast<std::uint64_t>(step));
  IpLapFaceSamples out;
  out.count = count;
  const auto n = static_cast<std::size_t>(count);
  out.face.resize(n * kIpLapPlanes);
  out.sketches.resize(n * kIpLapWindow * kIpLapPlanes);
  out.mel.resize(n * kMelValues);
  out.pictures.resize(n * references_ * kIpLapPlanes);
  out.picture_sketches.resize(out.pictures.size());
  out.mouth.resize(n);
  for (std::size_t row = 0; row < n; ++row) draw_one(random, row, out);
  return out;
}

}  // namespace visema::training
