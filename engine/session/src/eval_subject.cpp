#include "eval_subject.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <span>
#include <vector>

#include "eval_meters.h"
#include "visema/audio/mel.h"
#include "visema/core/error.h"
#include "visema/landmarks/head_pose.h"
#include "visema/media/audio_reader.h"
#include "visema/media/probe.h"
#include "visema/media/video_reader.h"

namespace visema::session {
namespace {

constexpr std::size_t kFramesAhead = 8;
constexpr double kLengthsDiffer = 0.1;  // seconds

std::string name_of(const std::filesystem::path& file) {
  return file.filename().string();
}

std::string no_face(const SubjectFacts& facts, const FaceTracker& tracker) {
  if (facts.video.frames == 0)
    return facts.video.path + ": its picture begins after the end of the video";
  std::string text =
      facts.video.path + ": no face found in " + std::to_string(facts.video.frames) + " frames";
  if (const auto small = static_cast<int>(tracker.too_small_face_px()); small > 0)
    text += ", only one of " + std::to_string(small) + " px: must be 48 or more";
  return text;
}

}  // namespace

EvalSubject::EvalSubject(SubjectOptions options, std::stop_token stop)
    : options_(std::move(options)),
      frames_(kFramesAhead, Overflow::kBlock),
      on_user_stop_(std::move(stop), [this] { stopping_.request_stop(); }) {
  read_headers();
  thread_ = std::jthread([this] { work(stopping_.get_token()); });
}

EvalSubject::~EvalSubject() {
  stopping_.request_stop();
  frames_.cancel();
}

void EvalSubject::read_headers() {
  const VideoInfo info = VideoReader(options_.video).info();
  header_ = {options_.video.string(),   info.width, info.height, info.fps.value(), info.duration_s,
             info.frame_count_estimate, 0};
  frame_count_estimate_ = info.frame_count_estimate;
  facts_.video = header_;
  facts_.video.frames = 0;
  const bool own_sound = options_.audio.empty();
  const auto& file = own_sound ? options_.video : options_.audio;
  const MediaInfo media = probe(file);
  const StreamInfo* audio = media.first(StreamKind::kAudio);
  if (audio != nullptr) {
    sound_header_ = {file, audio->duration_s};
    if (own_sound)
      picture_delay_s_ = media.first(StreamKind::kVideo)->start_time_s - audio->start_time_s;
  } else if (!own_sound) {
    throw Error(ErrorCode::kInput, file.string() + ": the file has no sound");
  }
}

double EvalSubject::end_s() const {
  return header_.duration_s > 0 ? picture_delay_s_ + header_.duration_s
                                : std::numeric_limits<double>::infinity();
}

std::optional<ObservedFrame> EvalSubject::next() {
  std::optional<ObservedFrame> frame = frames_.pop();
  if (!frame) {
    if (thread_.joinable()) thread_.join();
    if (failure_) std::rethrow_exception(failure_);
  }
  return frame;
}

void EvalSubject::work(const std::stop_token& stop) {
  try {
    measure(stop);
  } catch (...) {
    failure_ = std::current_exception();
  }
  frames_.close();
}

SoundTrack EvalSubject::listen(const SyncNetwork& network, SoundListener& listener,
                               const std::stop_token& stop) const {
  AudioReader reader(sound_header_->file, {kSpeechRateHz, 1});
  SoundMeter meter(network);
  bool whole = true;
  while (auto block = whole ? reader.read() : std::nullopt) {
    if (stop.stop_requested()) return {};
    const auto size = static_cast<double>(block->samples.size());
    const double left = options_.end_s * kSpeechRateHz - static_cast<double>(block->first);
    whole = left >= size;
    const std::span<const float> heard(block->samples.data(),
                                       static_cast<std::size_t>(std::clamp(left, 0.0, size)));
    meter.push(heard);
    listener.push(heard);
  }
  listener.finish();
  SoundTrack sound = meter.finish();
  if (!whole) sound.duration_s = std::max(sound.duration_s, sound_header_->duration_s);
  return sound;
}

ObservedFrame EvalSubject::observe(VideoFrame frame, FaceTracker& tracker) {
  ObservedFrame seen;
  seen.index = frame.index;
  seen.time_s = frame.time_s + picture_delay_s_;
  seen.face = tracker.track(frame);
  seen.image = std::make_shared<const Image>(std::move(frame.image));
  if (seen.face)
    seen.measured = {seen.face->mesh, stabilise(seen.face->mesh, seen.face->pose)};
  else
    ++facts_.video.frames_without_face;
  ++facts_.video.frames;
  return seen;
}

void EvalSubject::measure(const std::stop_token& stop) {
  const EvalOptions& eval = options_.eval;
  const Compute compute =
      resolve({eval.compute.device, eval.compute.precision, eval.compute.threads});
  use(compute);
  const EvalNetworks networks(eval, compute);
  const bool has_sound = sound_header_.has_value();
  SoundListener listener(has_sound && eval.phones,
                         has_sound && networks.syncnet ? &*networks.syncnet : nullptr);
  SoundTrack sound;
  if (has_sound) sound = listen(networks.sync, listener, stop);
  if (stop.stop_requested()) return;

  const SourceFace* source = nullptr;
  if (options_.source.valid())
    if (const auto& found = options_.source.get()) source = &*found;
  const MeterContext context{options_,
                             networks,
                             has_sound ? &sound : nullptr,
                             listener,
                             source,
                             options_.source.valid() ? "no face was found in the reference"
                                                     : "needs --source or --reference",
                             picture_delay_s_,
                             header_.fps};
  const std::vector<std::unique_ptr<FrameMeter>> meters = make_meters(context);
  const TrackingOptions tracking =
      options_.role == SubjectRole::kReference
          ? tracking_beside(eval, options_.video, stop)
          : TrackingOptions{eval.face, eval.face_index, /*smooth=*/false};
  FaceTracker tracker(eval.models.models, tracker_options(tracking));
  VideoReader reader(options_.video);
  facts_.networks = networks.sums;
  while (auto frame = reader.read()) {
    if (stop.stop_requested()) return;
    facts_.whole = frame->time_s + picture_delay_s_ <= options_.end_s;
    if (!facts_.whole) break;
    ObservedFrame seen = observe(std::move(*frame), tracker);
    for (const auto& meter : meters) meter->push(seen);
    if (frames_.push(std::move(seen)) != PushResult::kAccepted) return;
  }
  if (facts_.video.frames_without_face == facts_.video.frames)
    throw Error(ErrorCode::kInput, no_face(facts_, tracker));
  facts_.pts_errors = reader.pts_errors();
  if (reader.damaged())
    facts_.warnings.push_back(name_of(options_.video) + " is " +
                              damage_text(static_cast<std::size_t>(facts_.video.frames)) + ".");
  for (const auto& meter : meters) meter->finish(facts_);
  if (tracker.most_faces() > 1 && tracking.face == FaceChoice::kLargest)
    facts_.warnings.push_back(name_of(options_.video) + " shows " +
                              std::to_string(tracker.most_faces()) +
                              " faces; the largest was measured (--face chooses).");
  warn_of_the_sound(context.sound);
}

void EvalSubject::warn_of_the_sound(const SoundTrack* sound) {
  if (sound == nullptr && options_.role == SubjectRole::kReference)
    facts_.warnings.push_back(name_of(options_.video) +
                              " has no sound: sync, silence and closure have no real figures.");
  if (sound == nullptr || std::abs(sound->duration_s - facts_.video.duration_s) <= kLengthsDiffer)
    return;
  char lengths[100];
  std::snprintf(lengths, sizeof lengths, " is %.2f s long, the picture %.2f s", sound->duration_s,
                facts_.video.duration_s);
  facts_.warnings.push_back("The sound of " + name_of(sound_header_->file) + lengths +
                            ": what both have was measured.");
}

}  // namespace visema::session
