#include "visema/session/eval.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <future>
#include <set>

#include "eval_pair.h"
#include "eval_subject.h"
#include "stopwatch.h"
#include "visema/core/error.h"
#include "visema/evaluation/curve_correlation.h"
#include "visema/evaluation/measures.h"
#include "visema/evaluation/sync_score.h"
#include "visema/media/video_reader.h"
#include "visema/models/sync_network.h"

namespace visema::session {
namespace {

constexpr double kBeyondTheEndS = 0.5;  // of a longer reference counts

SubjectOptions video_of(const EvalOptions& options, const SharedSourceFace& face) {
  SubjectOptions subject;
  subject.video = options.video;
  subject.audio = options.audio;
  subject.source = face;
  subject.eval = options;
  // Two videos are measured beside each other.
  int& threads = subject.eval.compute.threads;
  if (threads == 0 || (threads > 1 && !options.reference.empty())) threads = 1;
  return subject;
}

SubjectOptions reference_of(const EvalOptions& options, const SharedSourceFace& face,
                            const EvalSubject& video) {
  SubjectOptions subject = video_of(options, face);
  subject.role = SubjectRole::kReference;
  subject.video = options.reference;
  subject.audio.clear();
  subject.end_s = video.end_s() + kBeyondTheEndS;
  return subject;
}

/// Frames of the reference, by time.
class ReferenceFrames {
 public:
  explicit ReferenceFrames(EvalSubject& subject) : subject_(subject), next_(subject.next()) {}

  /// The frame nearest to a time that never goes back; null when the reference has ended more than
  /// `tolerance` before, or has not begun.
  const ObservedFrame* nearest(double time_s, double tolerance) {
    while (next_ &&
           (!now_ || std::abs(next_->time_s - time_s) <= std::abs(now_->time_s - time_s))) {
      now_ = std::move(next_);
      next_ = subject_.next();
    }
    return now_ && std::abs(now_->time_s - time_s) <= tolerance ? &*now_ : nullptr;
  }

  /// Lets the reference run to its end.
  void drain() {
    while (next_) {
      now_ = std::move(next_);
      next_ = subject_.next();
    }
  }

 private:
  EvalSubject& subject_;
  std::optional<ObservedFrame> now_, next_;
};

std::string text_of(const char* format, double a, double b) {
  char text[200];
  std::snprintf(text, sizeof text, format, a, b);
  return text;
}

void compare_streams(const EvaluationReport& report, std::vector<std::string>& warnings) {
  const EvaluatedVideo& video = report.video;
  const EvaluatedVideo& real = *report.reference;
  if (std::abs(video.duration_s - real.duration_s) > 0.1)
    warnings.push_back(text_of("The video is %.2f s long, the reference %.2f s: ", video.duration_s,
                               real.duration_s) +
                       (video.duration_s < real.duration_s
                            ? "what both have was compared."
                            : "what both have was compared; the video's own "
                              "figures are of all of it."));
  if (std::abs(video.fps - real.fps) > 0.01)
    warnings.push_back(
        text_of("The video has %.3f frames a second, the reference %.3f: frames "
                "nearest in time were compared.",
                video.fps, real.fps));
  if (video.width != real.width || video.height != real.height)
    warnings.push_back("The video is " + std::to_string(video.width) + "x" +
                       std::to_string(video.height) + ", the reference " +
                       std::to_string(real.width) + "x" + std::to_string(real.height) +
                       ": the reference was scaled.");
}

/// A system that beats real video on a sync score plays to the score.
void warn_of_too_good(const EvaluationReport& report, std::vector<std::string>& warnings) {
  const auto beats = [&](const char* name, double margin) {
    const Figure* f = report.figure(name);
    if (f == nullptr || !f->value || !f->real) return;
    const MeasureInfo* info = find_measure(name);
    const double ahead =
        info->better == Better::kHigher ? *f->value - *f->real : *f->real - *f->value;
    if (ahead > margin)
      warnings.push_back(std::string(name) + ": " +
                         text_of("%.3f is better than the real video's %.3f. Real speech does not "
                                 "exceed itself: this is no win.",
                                 *f->value, *f->real));
  };
  beats("sync.confidence", 0.01);
  beats("sync.distance", 0.01);
  beats("syncnet.lse_c", 0.3);
  beats("syncnet.lse_d", 0.3);
}

/// Figures in the order of measures(), those of the video beside those of the real one.
std::vector<Figure> figures_of(const MeasuredFigures& video, const MeasuredFigures* real) {
  std::vector<Figure> figures;
  for (const MeasureInfo& info : measures()) {
    const std::string name(info.name);
    const auto found = video.find(name);
    if (found == video.end()) continue;
    Figure figure{name, found->second.value, std::nullopt, found->second.why};
    if (real != nullptr)
      if (const auto other = real->find(name); other != real->end())
        figure.real = other->second.value;
    figures.push_back(std::move(figure));
  }
  return figures;
}

/// lips.correlation_in_sync, by the sync offsets of both videos.
void correlate_in_sync(const SubjectFacts& video, const SubjectFacts* real, MeasuredFigures& all) {
  Measured& result = all["lips.correlation_in_sync"];
  if (real == nullptr) {
    result.why = "needs --reference";
    return;
  }
  const auto value = [](const SubjectFacts& facts, const char* name) {
    const auto found = facts.figures.find(name);
    return found == facts.figures.end() ? std::nullopt : found->second.value;
  };
  for (const SubjectFacts* facts : {&video, real}) {
    const auto margin = value(*facts, "sync.margin");
    if (margin && *margin >= kInSyncMargin) continue;
    result.why =
        facts == real ? "the real video's sync cannot be told" : "the video's sync cannot be told";
    return;
  }
  const double frames = value(video, "sync.offset_frames").value_or(0) -
                        value(*real, "sync.offset_frames").value_or(0);
  result.value = shifted_correlation(video.openness, real->openness, frames / kSyncFps);
  if (!result.value) result.why = "too little of both, or a mouth that does not move";
}

void refuse_picture(const std::filesystem::path& file) {
  if (is_still_image(file))
    throw Error(ErrorCode::kInput, file.string() + ": is a picture: must be a video");
}

}  // namespace

EvaluationReport evaluate(const EvalOptions& options, const ProgressSink& progress,
                          const LogSink& log, std::stop_token stop) {
  const Stopwatch watch;
  const bool compared = !options.reference.empty();
  refuse_picture(options.video);
  if (compared) refuse_picture(options.reference);
  const auto source = options.source.empty() ? options.reference : options.source;
  SharedSourceFace face;
  if (!source.empty())
    face = std::async(std::launch::deferred, [&] { return find_source_face(options, stop); });
  EvalSubject video(video_of(options, face), stop);
  std::optional<EvalSubject> reference;
  if (compared) reference.emplace(reference_of(options, face, video), stop);

  EvalPairMeter pairs(options, video.header(), compared ? &reference->header() : nullptr);
  std::optional<ReferenceFrames> real;
  if (compared) real.emplace(*reference);
  std::int64_t done = 0;
  bool go_on = true;
  while (auto frame = video.next()) {
    if (real) {
      const double tolerance = 0.6 / std::min(video.header().fps, reference->header().fps);
      pairs.push(*frame, real->nearest(frame->time_s, tolerance));
    }
    ++done;
    go_on = (!progress || progress("eval", done, std::max(done, video.frame_count_estimate()))) &&
            !stop.stop_requested();
    if (!go_on) break;
  }
  if (go_on && real) real->drain();
  if (!go_on || stop.stop_requested())
    throw Error(ErrorCode::kInterrupted, options.video.string() + ": interrupted");

  EvaluationReport report;
  const SubjectFacts& facts = video.facts();
  report.video = facts.video;
  if (compared) report.reference = reference->facts().video;
  report.source = source.string();
  MeasuredFigures all = facts.figures;
  pairs.finish(all);
  correlate_in_sync(facts, compared ? &reference->facts() : nullptr, all);
  report.figures = figures_of(all, compared ? &reference->facts().figures : nullptr);
  report.openness = facts.openness;
  report.loudness = facts.loudness;
  report.speech = facts.speech;
  report.offset = facts.offset;
  report.identity = facts.identity;
  report.sync_distance = facts.sync_distance;
  report.worst = pairs.take_notable();
  report.worst.insert(report.worst.end(), facts.notable.begin(), facts.notable.end());
  if (compared) {
    report.openness_real = reference->facts().openness;
    report.sync_distance_real = reference->facts().sync_distance;
    compare_streams(report, report.warnings);
    warn_of_too_good(report, report.warnings);
  } else if (!options.reference_dir.empty()) {
    report.warnings.push_back("No video of this name is in " + options.reference_dir.string() +
                              ": measured without a reference.");
  }
  for (const auto& warning : facts.warnings) report.warnings.push_back(warning);
  if (compared)
    for (const auto& warning : reference->facts().warnings) report.warnings.push_back(warning);
  report.networks = facts.networks;
  for (const std::string& warning : report.warnings)
    if (log) log(LogLevel::kWarning, options.video.string() + ": " + warning);
  report.wall_seconds = watch.seconds();
  return report;
}

namespace {

bool is_video(const std::filesystem::path& path) {
  static const std::set<std::string> kExtensions = {".mp4", ".mov", ".mkv", ".webm", ".avi",
                                                    ".m4v", ".ts",  ".mpg", ".mpeg"};
  std::string extension = path.extension().string();
  std::transform(extension.begin(), extension.end(), extension.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return kExtensions.contains(extension);
}

std::vector<std::filesystem::path> videos_in(const std::filesystem::path& folder) {
  std::error_code error;
  std::vector<std::filesystem::path> videos;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error))
    if (entry.is_regular_file() && is_video(entry.path())) videos.push_back(entry.path());
  if (error) throw Error(ErrorCode::kInput, folder.string() + ": " + error.message());
  if (videos.empty()) throw Error(ErrorCode::kInput, folder.string() + ": no video in this folder");
  std::sort(videos.begin(), videos.end());
  return videos;
}

}  // namespace

std::vector<EvalPair> eval_pairs(const std::filesystem::path& dir,
                                 const std::filesystem::path& reference_dir) {
  std::vector<EvalPair> pairs;
  for (const auto& video : videos_in(dir)) pairs.push_back({video, {}});
  if (reference_dir.empty()) return pairs;
  std::map<std::string, std::filesystem::path> real;
  for (const auto& video : videos_in(reference_dir)) real[video.stem().string()] = video;
  bool any = false;
  for (EvalPair& pair : pairs) {
    const auto found = real.find(pair.video.stem().string());
    if (found == real.end()) continue;
    pair.reference = found->second;
    any = true;
  }
  if (!any)
    throw Error(ErrorCode::kInput, dir.string() + ", " + reference_dir.string() +
                                       ": no video has the same name in both folders");
  return pairs;
}

}  // namespace visema::session
