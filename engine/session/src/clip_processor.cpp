#include "clip_processor.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "clip_quality.h"
#include "iplap_points.h"
#include "model_files.h"
#include "visema/audio/mel.h"
#include "visema/audio/voice_activity.h"
#include "visema/core/error.h"
#include "visema/landmarks/encoded_speech.h"
#include "visema/landmarks/face_regions.h"
#include "visema/landmarks/face_tracker.h"
#include "visema/landmarks/head_pose.h"
#include "visema/landmarks/rest_face.h"
#include "visema/media/audio_reader.h"
#include "visema/media/probe.h"
#include "visema/media/video_reader.h"
#include "visema/renderer/face_crop.h"
#include "visema/renderer/iplap_face.h"

namespace visema::session {
namespace {

constexpr std::size_t kMinFrames = 12;  // about half a second
constexpr std::size_t kFewCrops = 4;    // of clips whose face is small
constexpr std::size_t kMostCrops = 40;
constexpr std::size_t kFramesPerCrop = 4;
constexpr float kSmallScale = 78;  // px between the outer eye corners: crops would be blurred
constexpr float kMaxGap = 0.02F;   // of a rest face, canonical units

/// Frames spread evenly over the order of mouth openness, so that both ends are there.
std::vector<std::size_t> crop_frames(const std::vector<float>& gaps,
                                     const std::vector<std::uint8_t>& valid, std::size_t wanted) {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < gaps.size(); ++i)
    if (valid[i] != 0) order.push_back(i);
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return gaps[a] < gaps[b]; });
  std::vector<std::size_t> chosen;
  for (std::size_t i = 0; i < wanted; ++i)
    chosen.push_back(order[i * (order.size() - 1) / std::max<std::size_t>(wanted - 1, 1)]);
  std::sort(chosen.begin(), chosen.end());
  chosen.erase(std::unique(chosen.begin(), chosen.end()), chosen.end());
  return chosen;
}

/// Seconds by which the picture's first frame comes after the sound's first sample.
double picture_delay(const std::filesystem::path& path) {
  const MediaInfo info = probe(path);
  const StreamInfo* video = info.first(StreamKind::kVideo);
  const StreamInfo* audio = info.first(StreamKind::kAudio);
  return video != nullptr && audio != nullptr ? video->start_time_s - audio->start_time_s : 0;
}

/// `sync` hears the sound too, where there is one.
void read_speech(const std::filesystem::path& path, EncodedSpeech encoded, ClipData& clip,
                 ClipSync* sync) {
  AudioReader reader(path, {kSpeechRateHz, 1});
  LogMel mel;
  if (sync != nullptr) sync->begin();
  while (auto block = reader.read()) {
    mel.push(block->samples);
    encoded.push(block->samples);
    const std::vector<float> rows = encoded.take_encoder_rows();
    clip.encoded.insert(clip.encoded.end(), rows.begin(), rows.end());
    if (sync != nullptr) sync->push(block->samples);
  }
  mel.finish();
  encoded.finish();
  const std::vector<float> rows = encoded.take_encoder_rows();
  clip.encoded.insert(clip.encoded.end(), rows.begin(), rows.end());
  const FrameIndex count = mel.frames_ready();
  clip.mel.resize(static_cast<std::size_t>(count) * kMelBands);
  mel.copy(0, count, clip.mel.data());
  VoiceActivity voice;
  voice.push(clip.mel);
  voice.finish();
  std::vector<float> gain(static_cast<std::size_t>(count));
  voice.copy(0, count, gain.data());
  for (const float value : gain) clip.active.push_back(value > 0.5F ? 1 : 0);
  if (sync != nullptr) clip.quality.sync = sync->measure(clip);
}

/// Keeps the picture only.
void silence(ClipData& clip, const std::string& why) {
  clip.silenced = why;
  clip.mel.clear();
  clip.encoded.clear();
  clip.active.clear();
  clip.mouths.clear();
}

}  // namespace

struct ClipProcessor::Impl {
  Impl(const ModelPaths& models, const ClipLimits& clip_limits, WholeFaces wanted)
      : limits(clip_limits),
        whole_faces(wanted),
        canonical(CanonicalFace::load(models.models / "canonical_face.safetensors")),
        tracker(models.models, FaceTrackerOptions{.smooth = false}),
        encoder(std::make_shared<const SpeechEncoder>(speech_encoder(models))) {
    const auto path = models.models / "faceres.safetensors";
    if (std::filesystem::exists(path)) embedding.emplace(path);
    const auto sync_path = models.weights / "sync.safetensors";
    if (std::filesystem::exists(sync_path)) sync.emplace(sync_path);
  }

  void track(const ClipEntry& entry, double delay, ClipData& clip) {
    VideoReader reader(entry.path);
    clip.fps = reader.info().fps.value();
    tracker.reset();
    while (auto frame = reader.read()) {
      const auto face = tracker.track(*frame);
      clip.time_s.push_back(static_cast<float>(frame->time_s + delay));
      clip.valid.push_back(face ? 1 : 0);
      clip.mesh.push_back(face ? stabilise(face->mesh, face->pose) : FaceMesh{});
      if (entry.has_sound) {
        const auto mouth = face ? extract_mouth(frame->image, face->pose)
                                : std::vector<std::uint8_t>(kMouthSize * kMouthSize);
        clip.mouths.insert(clip.mouths.end(), mouth.begin(), mouth.end());
      }
      frames.push_back(std::move(frame->image));
      faces.push_back(face);
    }
  }

  /// The face's size, from which the scale of the canonical frame is the distance of the eyes.
  float median_scale() const {
    std::vector<float> scales;
    for (const auto& face : faces)
      if (face) scales.push_back(face->pose.scale);
    const auto middle = scales.begin() + static_cast<long>(scales.size() / 2);
    std::nth_element(scales.begin(), middle, scales.end());
    return *middle;
  }

  void cut_crops(const std::vector<float>& gaps, ClipData& clip) {
    const bool small = clip.quality.face_px < kSmallScale;
    const std::size_t wanted =
        small ? kFewCrops
              : std::clamp(clip.mesh.size() / kFramesPerCrop, kFewCrops + 2, kMostCrops);
    clip.weight = small ? 0.4 : 1.0;
    for (const std::size_t i : crop_frames(gaps, clip.valid, wanted)) {
      const Similarity2 transform = crop_from_picture(faces[i]->pose);
      clip.crops.push_back(extract_crop(frames[i], transform, kCropSize));
      FaceMesh points = faces[i]->mesh;
      for (Point3& p : points) {
        const Point2 q = transform.apply({p.x, p.y});
        p = {q.x, q.y, p.z};
      }
      clip.crop_points.push_back(points);
      clip.crop_frame.push_back(static_cast<std::int32_t>(i));
      clip.quality.sharpness += sharpness_of(clip.crops.back());
    }
    clip.quality.sharpness /= static_cast<double>(clip.crops.size());
  }

  /// Every frame's points in its IP-LAP crop, and the faces of the frames that crops are cut of.
  void cut_faces(ClipData& clip) const {
    for (std::size_t i = 0; i < frames.size(); ++i) {
      IplapPlace& place = clip.face_places.emplace_back();
      if (!faces[i]) continue;
      const PixelBox crop = iplap_crop(iplap_points(faces[i]->mesh), kIplapMarginAuto,
                                       frames[i].width, frames[i].height);
      if (crop.empty()) continue;
      place = {normalised(faces[i]->mesh, crop), crop.width(), crop.height()};
      const auto frame = static_cast<std::int32_t>(i);
      if (!std::binary_search(clip.crop_frame.begin(), clip.crop_frame.end(), frame)) continue;
      std::vector<float> planes(std::size_t{3} * kIplapFacePixels);
      extract_iplap_face(frames[i], crop, planes);
      for (const float level : planes)
        clip.face_pixels.push_back(static_cast<std::uint8_t>(std::lround(level * 255)));
      clip.face_frame.push_back(frame);
    }
  }

  ClipLimits limits;
  const WholeFaces whole_faces;
  CanonicalFace canonical;
  FaceTracker tracker;
  std::shared_ptr<const SpeechEncoder> encoder;
  std::optional<FaceEmbedding> embedding;
  std::optional<ClipSync> sync;
  std::vector<Image> frames;  // of the clip at work
  std::vector<std::optional<TrackedFace>> faces;
};

ClipProcessor::ClipProcessor(const ModelPaths& models, const ClipLimits& limits, WholeFaces faces)
    : impl_(std::make_unique<Impl>(models, limits, faces)) {}
ClipProcessor::~ClipProcessor() = default;

ClipData ClipProcessor::process(const ClipEntry& entry) {
  ClipData clip;
  clip.id = entry.id;
  clip.source = entry.source;
  clip.person = entry.person;
  impl_->frames.clear();
  impl_->faces.clear();
  try {
    impl_->track(entry, entry.has_sound ? picture_delay(entry.path) : 0, clip);
    const auto tracked =
        static_cast<std::size_t>(std::count(clip.valid.begin(), clip.valid.end(), std::uint8_t{1}));
    if (tracked < kMinFrames) {
      clip.dropped = "a face in " + std::to_string(tracked) + " frames only";
      return clip;
    }
    clip.quality.tracked_share =
        static_cast<double>(tracked) / static_cast<double>(clip.valid.size());
    clip.quality.face_px = impl_->median_scale();
    std::vector<float> gaps;
    std::vector<FaceMesh> usable;
    for (std::size_t i = 0; i < clip.mesh.size(); ++i) {
      gaps.push_back(inner_lip_gap(clip.mesh[i]));
      if (clip.valid[i] != 0) usable.push_back(clip.mesh[i]);
    }
    clip.rest = estimate_rest_face(usable);
    if (inner_lip_gap(clip.rest) > kMaxGap) clip.rest = close_mouth(clip.rest, impl_->canonical);
    impl_->cut_crops(gaps, clip);
    clip.dropped = why_dropped(clip.quality, impl_->limits);
    if (!clip.dropped.empty()) return clip;
    if (impl_->embedding) {
      const auto first = static_cast<std::size_t>(clip.crop_frame[clip.crop_frame.size() / 2]);
      clip.embedding = impl_->embedding->embed(impl_->frames[first], impl_->faces[first]->mesh);
    }
    if (entry.has_sound) {
      read_speech(entry.path, EncodedSpeech(impl_->encoder), clip,
                  impl_->sync ? &*impl_->sync : nullptr);
      if (const auto why = why_silenced(clip.quality, impl_->limits); !why.empty())
        silence(clip, why);
      else if (impl_->whole_faces == WholeFaces::kYes)
        impl_->cut_faces(clip);
    }
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kInput) throw;
    clip.dropped = describe(error);
  }
  return clip;
}

}  // namespace visema::session
