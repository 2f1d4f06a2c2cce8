#include "avatar_builder.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "avatar_adaptation.h"
#include "closed_mouth.h"
#include "face_covers.h"
#include "model_files.h"
#include "source_tracking.h"
#include "speaking_style.h"
#include "stopwatch.h"
#include "visema/core/error.h"
#include "visema/landmarks/canonical_face.h"
#include "visema/landmarks/face_regions.h"
#include "visema/landmarks/head_pose.h"
#include "visema/landmarks/pose_smoother.h"
#include "visema/landmarks/rest_face.h"
#include "visema/media/random_frame_reader.h"
#include "visema/media/video_reader.h"

namespace visema::session {
namespace {

constexpr float kMinFacePx = 48;
constexpr std::size_t kReferences = 6;
constexpr std::size_t kSpeechReferences = 4;
/// Rest faces whose lips stand further apart than this are closed by geometry, canonical units.
constexpr float kClosedGap = 0.02F;
/// Width of the face over the distance of the inner eye corners: 3.3 to 4.5 for the persons,
/// paintings and statues that were measured, 4.9 for an ape.
constexpr float kWidestFace = 4.65F;

float face_width_px(const TrackedFace& face) {
  const Point3& left = face.mesh[234];
  const Point3& right = face.mesh[454];
  return std::hypot(left.x - right.x, left.y - right.y);
}

/// Evenly spread positions over 0..count-1, both ends included.
std::vector<std::size_t> spread(std::size_t count, std::size_t wanted) {
  std::vector<std::size_t> positions;
  for (std::size_t i = 0; i < std::min(count, wanted); ++i)
    positions.push_back(
        wanted == 1 ? 0 : i * (count - 1) / (std::min(count, wanted) - 1 + (count == 1)));
  positions.erase(std::unique(positions.begin(), positions.end()), positions.end());
  return positions;
}

/// Frontal enough that both cheeks are seen: the nose lies well between the two sides of the face.
bool is_frontal(const TrackedFace& face) {
  const float left = std::abs(face.mesh[1].x - face.mesh[234].x);
  const float right = std::abs(face.mesh[454].x - face.mesh[1].x);
  return std::min(left, right) > 0.45F * std::max(left, right);
}

/// Cuts the face with a margin out of its frame.
AvatarReference cut_reference(const Image& picture, const TrackedFace& face, float gap) {
  float x0 = 1e9F, y0 = 1e9F, x1 = -1e9F, y1 = -1e9F;
  for (const Point3& p : face.mesh) {
    x0 = std::min(x0, p.x);
    y0 = std::min(y0, p.y);
    x1 = std::max(x1, p.x);
    y1 = std::max(y1, p.y);
  }
  const float margin = 0.35F * std::max(x1 - x0, y1 - y0);
  const int left = std::clamp(static_cast<int>(x0 - margin), 0, picture.width - 1);
  const int top = std::clamp(static_cast<int>(y0 - margin), 0, picture.height - 1);
  const int right = std::clamp(static_cast<int>(x1 + margin), left + 1, picture.width);
  const int bottom = std::clamp(static_cast<int>(y1 + margin), top + 1, picture.height);
  AvatarReference reference;
  reference.picture = Image(right - left, bottom - top);
  for (int y = top; y < bottom; ++y)
    std::copy_n(picture.at(left, y), static_cast<std::size_t>(right - left) * 3,
                reference.picture.at(0, y - top));
  reference.mesh = face.mesh;
  for (Point3& p : reference.mesh) {
    p.x -= static_cast<float>(left);
    p.y -= static_cast<float>(top);
  }
  reference.pose = face.pose;
  reference.pose.translation.x -= static_cast<float>(left);
  reference.pose.translation.y -= static_cast<float>(top);
  reference.inner_lip_gap = gap;
  return reference;
}

/// Size and, of a picture, the pixels. Returns about how many frames there are.
std::int64_t open_source(const std::filesystem::path& source, Avatar& avatar) {
  avatar.is_still = is_still_image(source);
  if (avatar.is_still) {
    avatar.picture = read_image(source);
    avatar.width = avatar.picture.width;
    avatar.height = avatar.picture.height;
    return 1;
  }
  const VideoInfo info = VideoReader(source).info();
  avatar.width = info.width;
  avatar.height = info.height;
  avatar.fps = info.fps;
  avatar.media_path = source;
  return info.frame_count_estimate;
}

/// Tracks the face; one that is too small counts as none. `teeth`: teeth_between_lips() of
/// every frame, 0 without a face.
TrackedSource track_face(const EnrollOptions& options, std::int64_t expected, Avatar& avatar,
                         FlatFaceSample& sample, std::vector<float>& teeth,
                         const ProgressSink& progress, const std::stop_token& stop) {
  const std::string name = options.source.string();
  float widest = 0;
  const TrackingOptions tracking{options.face, options.face_index, /*smooth=*/true};
  const TrackedSource source = track_source(
      options.source, options.models, tracking,
      [&](const VideoFrame& picture, const LandmarkFrame& tracked) {
        LandmarkFrame frame = tracked;
        if (frame.face) {
          const float width = face_width_px(*frame.face);
          widest = std::max(widest, width);
          if (width < kMinFacePx) frame.face.reset();
        }
        if (frame.face && options.occlusion && !avatar.is_still)
          sample.add(picture.image, *frame.face);
        teeth.push_back(frame.face ? teeth_between_lips(picture.image, *frame.face) : 0);
        avatar.frames.push_back(frame);
        const auto done = static_cast<std::int64_t>(avatar.frames.size());
        const bool go_on = !progress || progress("enroll", done, std::max(done, expected));
        return go_on && !stop.stop_requested();
      });
  if (stop.stop_requested())
    throw Error(ErrorCode::kInterrupted, name + ": interrupted while the source was enrolled");
  if (std::any_of(avatar.frames.begin(), avatar.frames.end(),
                  [](const LandmarkFrame& frame) { return frame.face.has_value(); }))
    return source;
  if (widest > 0)
    throw Error(ErrorCode::kInput, name + ": the face is " + std::to_string(std::lround(widest)) +
                                       " px wide: must be at least 48 px");
  throw Error(ErrorCode::kInput,
              name + ": " + no_face_text(tracking, source, avatar.frames.size()));
}

/// What the tracked frames look like without head motion.
struct Stabilised {
  std::vector<std::size_t> usable;  // frames with a face, and nothing before it
  std::vector<FaceMesh> mesh;       // of every frame
  std::vector<float> gap;

  explicit Stabilised(const Avatar& avatar)
      : mesh(avatar.frames.size()), gap(avatar.frames.size()) {
    std::vector<std::size_t> covered;
    for (std::size_t i = 0; i < avatar.frames.size(); ++i) {
      const auto& face = avatar.frames[i].face;
      if (!face) continue;
      mesh[i] = stabilise(face->mesh, face->pose);
      gap[i] = inner_lip_gap(mesh[i]);
      (avatar.cover_at(static_cast<FrameIndex>(i)) ? covered : usable).push_back(i);
    }
    if (usable.empty()) usable = std::move(covered);
  }

  FaceMesh rest(const CanonicalFace& canonical) const {
    std::vector<FaceMesh> faces;
    faces.reserve(usable.size());
    for (const std::size_t i : usable) faces.push_back(mesh[i]);
    const FaceMesh face = estimate_rest_face(faces);
    return inner_lip_gap(face) > kClosedGap ? close_mouth(face, canonical) : face;
  }

  /// Frontal frames if there are any, by mouth openness.
  std::vector<std::size_t> by_gap(const std::vector<LandmarkFrame>& frames) const {
    std::vector<std::size_t> order;
    std::copy_if(usable.begin(), usable.end(), std::back_inserter(order),
                 [&](std::size_t i) { return is_frontal(*frames[i].face); });
    if (order.empty()) order = usable;
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return gap[a] < gap[b]; });
    return order;
  }
};

/// The detector takes an ape's face for a face. Its eyes stand closer together than a person's.
bool is_hardly_a_person(const FaceMesh& rest) {
  const auto distance = [&](int a, int b) {
    return std::hypot(rest[a].x - rest[b].x, rest[a].y - rest[b].y, rest[a].z - rest[b].z);
  };
  return distance(234, 454) > kWidestFace * distance(133, 362);
}

void warn(const Avatar& avatar, const TrackedSource& source, const EnrollOptions& options,
          const LogSink& log) {
  if (!log) return;
  const std::string name = options.source.string();
  if (source.damaged) log(LogLevel::kWarning, name + ": " + damage_text(avatar.frames.size()));
  if (source.most_faces > 1 && options.face == FaceChoice::kLargest)
    log(LogLevel::kInfo, name + ": " + std::to_string(source.most_faces) +
                             " faces were found; the largest speaks (--face chooses)");
  const std::string of_all = " of " + std::to_string(avatar.frames.size()) + " frames ";
  if (const auto lost = avatar.frames_without_face(); lost > 0)
    log(LogLevel::kWarning, name + ": " + std::to_string(lost) + of_all +
                                "hold no face that can be used; they pass through unchanged");
  if (!avatar.covers.empty())
    log(LogLevel::kInfo, name + ": something is before the face in " +
                             std::to_string(avatar.covers.size()) + of_all +
                             "and is not painted over");
  if (is_hardly_a_person(avatar.rest))
    log(LogLevel::kWarning, name + ": the face has unusual proportions; is it a person's?");
}

}  // namespace

Avatar build_avatar(const EnrollOptions& options, const std::vector<ModelPaths>& heard,
                    const ProgressSink& progress, const LogSink& log, std::stop_token stop) {
  const CanonicalFace canonical =
      CanonicalFace::load(options.models.models / "canonical_face.safetensors");
  Avatar avatar;
  const std::int64_t expected = open_source(options.source, avatar);
  const FaceAtlas atlas(canonical.mesh(), canonical.triangles());
  FlatFaceSample sample(atlas);
  std::vector<float> teeth;
  const TrackedSource source = track_face(options, expected, avatar, sample, teeth, progress, stop);
  if (!avatar.is_still) PoseSmoother().smooth(avatar.frames);
  avatar.covers = find_covers(avatar, atlas, sample, progress, stop);

  const Stabilised faces(avatar);
  avatar.rest = faces.rest(canonical);
  warn(avatar, source, options, log);

  const auto by_gap = faces.by_gap(avatar.frames);
  for (const std::size_t position : spread(by_gap.size(), kSpeechReferences))
    avatar.speech_references.push_back(faces.mesh[by_gap[position]]);
  if (avatar.is_still) {
    avatar.references.push_back(
        cut_reference(avatar.picture, *avatar.frames[0].face, faces.gap[0]));
    avatar.references.back().frame = 0;
    return avatar;
  }
  if (options.style)
    for (const ModelPaths& models : heard)
      if (auto style = find_speaking_style(avatar, canonical, models, log, stop))
        avatar.styles.push_back(std::move(*style));
  RandomFrameReader reader(options.source);
  const std::vector<std::size_t> positions = spread(by_gap.size(), kReferences);
  std::vector<float> closed_teeth;  // of those from which the first is chosen
  for (std::size_t k = 0; k < (positions.size() > 1 ? positions[1] : 1); ++k)
    closed_teeth.push_back(teeth[by_gap[k]]);
  const std::size_t closed = first_without_teeth(closed_teeth);
  for (const std::size_t position : positions) {
    const std::size_t i = by_gap[position == positions.front() ? closed : position];
    avatar.references.push_back(cut_reference(reader.at(static_cast<FrameIndex>(i)).image,
                                              *avatar.frames[i].face, faces.gap[i]));
    avatar.references.back().frame = static_cast<FrameIndex>(i);
  }
  return avatar;
}

Avatar avatar_of(const PresenterOptions& options, const ProgressSink& progress, const LogSink& log,
                 std::stop_token stop) {
  if (!options.avatar.empty()) {
    Avatar avatar = load_avatar(options.avatar);
    if (!options.occlusion) avatar.covers.clear();
    if (!options.style) avatar.styles.clear();
    keep_style_of_network(avatar, options.models, options.avatar, log);
    return avatar;
  }
  EnrollOptions enroll;
  enroll.source = options.source;
  enroll.face = options.face;
  enroll.face_index = options.face_index;
  enroll.occlusion = options.occlusion;
  enroll.style = options.style;
  enroll.compute = options.compute;
  enroll.models = options.models;
  return build_avatar(enroll, {options.models}, progress, log, std::move(stop));
}

EnrollReport enroll(const EnrollOptions& options, const ProgressSink& progress, const LogSink& log,
                    std::stop_token stop) {
  if (options.out.empty())
    throw Error(ErrorCode::kUsage, "enroll needs a file to write: --out NAME.avatar");
  const Stopwatch watch;
  check_adaptable(options);
  Avatar avatar = build_avatar(options, with_each_look_ahead(options.models), progress, log, stop);
  EnrollReport report;
  report.frames = static_cast<std::int64_t>(avatar.frames.size());
  report.frames_without_face = avatar.frames_without_face();
  report.frames_covered = static_cast<std::int64_t>(avatar.covers.size());
  report.references = static_cast<int>(avatar.references.size());
  if (options.adapt.wanted()) report.adapt = adapt_avatar(avatar, options, progress, stop);
  save_avatar(avatar, options.out);
  report.wall_seconds = watch.seconds();
  return report;
}

}  // namespace visema::session
