#include "eval_subject.h"

#include <vector>

#include "eval_meters.h"
#include "source_tracking.h"
#include "visema/core/error.h"
#include "visema/landmarks/head_pose.h"
#include "visema/media/audio_reader.h"
#include "visema/media/probe.h"
#include "visema/media/video_reader.h"

namespace visema::session {
namespace {

constexpr std::size_t kFramesAhead = 8;

/// Reads a file's sound once; nothing when it has none.
class SoundReader {
 public:
  SoundReader(const SubjectOptions& options, const SyncNetwork& network)
      : path_(options.audio.empty() ? options.video : options.audio), network_(network) {}

  bool has_sound() const { return probe(path_).first(StreamKind::kAudio) != nullptr; }

  SoundTrack read(SoundListener& listener, const std::stop_token& stop) const {
    AudioReader reader(path_, {16000, 1});
    SoundMeter meter(network_);
    while (auto block = reader.read()) {
      if (stop.stop_requested()) break;
      meter.push(block->samples);
      listener.push(block->samples);
    }
    return meter.finish();
  }

 private:
  std::filesystem::path path_;
  const SyncNetwork& network_;
};

/// Seconds by which the picture's first frame comes after the sound's first sample.
double picture_delay(const MediaInfo& info) {
  const StreamInfo* video = info.first(StreamKind::kVideo);
  const StreamInfo* audio = info.first(StreamKind::kAudio);
  return video != nullptr && audio != nullptr ? video->start_time_s - audio->start_time_s : 0;
}

}  // namespace

EvalSubject::EvalSubject(SubjectOptions options, std::stop_token stop)
    : options_(std::move(options)),
      user_stop_(std::move(stop)),
      frames_(kFramesAhead, Overflow::kBlock) {
  const VideoInfo info = VideoReader(options_.video).info();
  header_ = {options_.video.string(),   info.width, info.height, info.fps.value(), info.duration_s,
             info.frame_count_estimate, 0};
  frame_count_estimate_ = info.frame_count_estimate;
  thread_ = std::jthread([this](const std::stop_token& own) { work(own); });
}

EvalSubject::~EvalSubject() {
  thread_.request_stop();
  frames_.cancel();
}

std::optional<ObservedFrame> EvalSubject::next() {
  std::optional<ObservedFrame> frame = frames_.pop();
  if (!frame) {
    if (thread_.joinable()) thread_.join();
    if (failure_) std::rethrow_exception(failure_);
  }
  return frame;
}

void EvalSubject::work(const std::stop_token& own) {
  try {
    measure(own);
  } catch (...) {
    failure_ = std::current_exception();
  }
  frames_.close();
}

void EvalSubject::measure(const std::stop_token& own) {
  const Compute compute =
      resolve({options_.eval.compute.device, options_.eval.compute.precision, 1});
  use(compute);
  const EvalNetworks networks(options_.eval, compute);
  const SoundReader sound_reader(options_, networks.sync);
  facts_.has_sound = sound_reader.has_sound();
  SoundListener listener(facts_.has_sound && options_.eval.phones,
                         facts_.has_sound && networks.syncnet ? &*networks.syncnet : nullptr);
  SoundTrack sound;
  if (facts_.has_sound) sound = sound_reader.read(listener, own);
  listener.finish();
  const double delay = options_.audio.empty() ? picture_delay(probe(options_.video)) : 0;

  std::optional<SourceFace> source;
  if (!options_.source.empty()) source.emplace(options_, networks);
  const MeterContext context{options_,
                             networks,
                             facts_.has_sound ? &sound : nullptr,
                             listener,
                             source ? &*source : nullptr,
                             delay,
                             header_.fps};
  const std::vector<std::unique_ptr<FrameMeter>> meters = make_meters(context);
  FaceTracker tracker(
      options_.eval.models.models,
      tracker_options({options_.eval.face, options_.eval.face_index, /*smooth=*/false}));
  VideoReader reader(options_.video);
  facts_.video = header_;
  facts_.video.frames = 0;
  facts_.networks = networks.sums;
  while (auto frame = reader.read()) {
    if (own.stop_requested() || user_stop_.stop_requested()) return;
    ObservedFrame seen;
    seen.index = frame->index;
    seen.time_s = frame->time_s + delay;
    seen.face = tracker.track(*frame);
    seen.image = std::make_shared<const Image>(std::move(frame->image));
    if (seen.face)
      seen.measured = {seen.face->mesh, stabilise(seen.face->mesh, seen.face->pose)};
    else
      ++facts_.video.frames_without_face;
    ++facts_.video.frames;
    for (const auto& meter : meters) meter->push(seen);
    if (frames_.push(std::move(seen)) != PushResult::kAccepted) return;
  }
  if (facts_.video.frames_without_face == facts_.video.frames) {
    const float small = tracker.too_small_face_px();
    throw Error(ErrorCode::kInput,
                options_.video.string() + ": no face found in " +
                    std::to_string(facts_.video.frames) + " frames" +
                    (small > 0 ? ", only one of " + std::to_string(static_cast<int>(small)) +
                                     " px: must be 48 or more"
                               : ""));
  }
  if (tracker.most_faces() > 1 && options_.eval.face == FaceChoice::kLargest)
    facts_.warnings.push_back(options_.video.filename().string() + " shows " +
                              std::to_string(tracker.most_faces()) +
                              " faces; the largest was measured (--face chooses).");
  for (const auto& meter : meters) meter->finish(facts_);
}

}  // namespace visema::session
