#include "adaptation_frames.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "face_fade.h"
#include "reference_pictures.h"
#include "visema/core/error.h"
#include "visema/landmarks/face_regions.h"
#include "visema/landmarks/head_pose.h"
#include "visema/landmarks/rest_face.h"
#include "visema/media/video_reader.h"
#include "visema/renderer/face_crop.h"

namespace visema::session {
namespace {

constexpr double kLeastSeconds = 3;
/// Nearer frames are nearly the same picture.
constexpr double kApartSeconds = 0.12;
constexpr std::int64_t kLeastApartFrames = 3;
constexpr double kBlockSeconds = 0.5;
constexpr std::size_t kBlocksPerHeldOut = 10;
constexpr std::size_t kLeastLearning = 40;
constexpr std::size_t kLeastHeldOut = 8;
/// Distance between the inner lips that a talking mouth covers, canonical units: 0.07 to 0.20 in
/// the four talking clips that were measured; tracking a mouth at rest covers 0.01.
constexpr float kLeastOpening = 0.04F;

FrameIndex apart_frames(const Avatar& avatar) {
  return std::max<FrameIndex>(kLeastApartFrames, std::llround(kApartSeconds * avatar.fps.value()));
}

std::vector<std::size_t> usable_frames(const Avatar& avatar) {
  const FaceFade fade(avatar, false);
  const ReferencePictures pictures = reference_pictures(avatar);
  const FrameIndex apart = apart_frames(avatar);
  const auto is_near = [apart](std::size_t frame, FrameIndex other) {
    return other >= 0 && std::abs(static_cast<FrameIndex>(frame) - other) < apart;
  };
  std::vector<std::size_t> usable;
  for (std::size_t i = 0; i < avatar.frames.size(); ++i)
    if (avatar.frames[i].face && !avatar.cover_at(static_cast<FrameIndex>(i)) &&
        fade.at(static_cast<FrameIndex>(i)) >= 1 && !is_near(i, pictures.rest.frame) &&
        !is_near(i, pictures.open.frame))
      usable.push_back(i);
  return usable;
}

float gap_at(const Avatar& avatar, std::size_t frame) {
  const TrackedFace& face = *avatar.frames[frame].face;
  return inner_lip_gap(stabilise(face.mesh, face.pose));
}

/// Between the nearly most closed and the nearly most open mouth.
float opening(const Avatar& avatar, const std::vector<std::size_t>& frames) {
  std::vector<float> gaps;
  for (const std::size_t i : frames) gaps.push_back(gap_at(avatar, i));
  std::sort(gaps.begin(), gaps.end());
  return gaps[gaps.size() * 95 / 100] - gaps[gaps.size() * 5 / 100];
}

void refuse(const std::filesystem::path& source, const char* format, double value, double least) {
  char text[200];
  std::snprintf(text, sizeof text, format, value, least);
  throw Error(ErrorCode::kInput, source.string() + text);
}

std::vector<std::size_t> thinned(const std::vector<std::size_t>& all, std::size_t most) {
  if (all.size() <= most) return all;
  std::vector<std::size_t> some;
  for (std::size_t i = 0; i < most; ++i) some.push_back(all[i * all.size() / most]);
  return some;
}

/// Whether each block of half a second of usable frames is held out: evenly spread, and two of them
/// where there is enough, since one may show a single sound.
std::vector<bool> held_out_blocks(std::size_t blocks) {
  const std::size_t least = blocks >= kBlocksPerHeldOut ? 2 : 1;
  const std::size_t held = std::max(least, blocks / kBlocksPerHeldOut);
  std::vector<bool> is_held(blocks);
  for (std::size_t i = 0; i < held; ++i) is_held[(2 * i + 1) * blocks / (2 * held)] = true;
  return is_held;
}

/// Both sorted; a learning frame is `apart` or more from every one that is held out.
AdaptationSplit split_usable(const std::vector<std::size_t>& usable, std::size_t block,
                             std::size_t apart) {
  const std::vector<bool> is_held = held_out_blocks((usable.size() + block - 1) / block);
  AdaptationSplit split;
  for (std::size_t i = 0; i < usable.size(); ++i)
    if (is_held[i / block]) split.held_out.push_back(usable[i]);
  for (const std::size_t frame : usable) {
    const std::size_t first = frame < apart ? 0 : frame - apart + 1;
    const auto held = std::lower_bound(split.held_out.begin(), split.held_out.end(), first);
    if (held == split.held_out.end() || *held >= frame + apart) split.learning.push_back(frame);
  }
  return split;
}

void refuse_few(const AdaptationSplit& split, const std::filesystem::path& source) {
  const std::size_t learning = split.learning.size(), held_out = split.held_out.size();
  if (learning >= kLeastLearning && held_out >= kLeastHeldOut) return;
  throw Error(ErrorCode::kInput,
              source.string() + ": " + std::to_string(learning) + " frames to learn from and " +
                  std::to_string(held_out) + " to judge by: --adapt needs " +
                  std::to_string(kLeastLearning) + " and " + std::to_string(kLeastHeldOut));
}

void ask(const std::function<bool()>& go_on, const std::filesystem::path& source) {
  if (!go_on())
    throw Error(ErrorCode::kInterrupted, source.string() + ": interrupted while it was read again");
}

}  // namespace

AdaptationSplit split_frames(const Avatar& avatar, const std::filesystem::path& source,
                             std::size_t most, std::size_t most_held_out) {
  const std::vector<std::size_t> usable = usable_frames(avatar);
  const double seconds = static_cast<double>(usable.size()) / avatar.fps.value();
  if (seconds < kLeastSeconds)
    refuse(source, ": %.1f s of it show a face that can be learned from: --adapt needs %.0f s",
           seconds, kLeastSeconds);
  if (const float spread = opening(avatar, usable); spread < kLeastOpening)
    refuse(source,
           ": the mouth opens by %.3f of the distance between the eyes: --adapt needs a talking "
           "face, at least %.3f",
           spread, kLeastOpening);

  const auto block =
      std::max<std::size_t>(1, static_cast<std::size_t>(avatar.fps.value() * kBlockSeconds));
  AdaptationSplit split =
      split_usable(usable, block, static_cast<std::size_t>(apart_frames(avatar)));
  refuse_few(split, source);
  split.learning = thinned(split.learning, most);
  split.held_out = thinned(split.held_out, most_held_out);
  return split;
}

AdaptationFrames::AdaptationFrames(const Avatar& avatar, const std::filesystem::path& source,
                                   std::span<const FaceTriangles::Triangle> triangles,
                                   const std::vector<std::size_t>& frames,
                                   const std::function<bool()>& go_on)
    : triangles_(triangles),
      rest_(rectify(face_reference(reference_pictures(avatar).rest))),
      open_(rectify(face_reference(reference_pictures(avatar).open))) {
  VideoReader reader(source);
  std::size_t at = 0;
  for (const std::size_t wanted : frames) {
    for (; at < wanted && reader.skip(); ++at) ask(go_on, source);
    ask(go_on, source);
    const auto frame = reader.read();
    if (!frame) return;
    ++at;
    const TrackedFace& face = *avatar.frames[wanted].face;
    views_.push_back(rectify({frame->image, face.mesh, face.pose}));
  }
}

void AdaptationFrames::example(std::size_t index, std::span<float> planes,
                               std::span<float> target) const {
  const Reference& view = views_[index];
  build_generator_input(view.crop, view.points, rest_, open_, triangles_, planes);
  picture_planes(view.crop, target);
}

}  // namespace visema::session
