#pragma once

#include <exception>
#include <filesystem>
#include <functional>
#include <limits>
#include <optional>
#include <stop_token>
#include <thread>

#include "eval_meter.h"
#include "eval_sound.h"
#include "eval_source.h"
#include "visema/evaluation/report.h"
#include "visema/pipeline/bounded_queue.h"
#include "visema/session/eval.h"

namespace visema::session {

class SoundListener;

enum class SubjectRole { kVideo, kReference };

struct SubjectOptions {
  SubjectRole role = SubjectRole::kVideo;
  std::filesystem::path video;
  std::filesystem::path audio;  // empty: the video's own
  SharedSourceFace source;      // whose identity it should keep
  /// On the clock of the sound: neither frames nor sound after it count.
  double end_s = std::numeric_limits<double>::infinity();
  EvalOptions eval;
};

/// Decodes, tracks and measures one video in a thread of its own.
class EvalSubject {
 public:
  EvalSubject(SubjectOptions options, std::stop_token stop);
  ~EvalSubject();

  /// From the header.
  const EvaluatedVideo& header() const { return header_; }
  std::int64_t frame_count_estimate() const { return frame_count_estimate_; }
  /// Of the picture, on the clock of the sound; from the header, infinite when it says nothing.
  double end_s() const;
  /// The next frame, nothing after the last. Rethrows what went wrong in the thread.
  std::optional<ObservedFrame> next();
  /// After the last frame.
  const SubjectFacts& facts() const { return facts_; }

 private:
  struct SoundHeader {
    std::filesystem::path file;
    double duration_s = 0;
  };

  void read_headers();
  void work(const std::stop_token& stop);
  void measure(const std::stop_token& stop);
  ObservedFrame observe(VideoFrame frame, FaceTracker& tracker);
  SoundTrack listen(const SyncNetwork& network, SoundListener& listener,
                    const std::stop_token& stop) const;
  /// sound: null when there is none.
  void warn_of_the_sound(const SoundTrack* sound);

  SubjectOptions options_;
  EvaluatedVideo header_;
  std::int64_t frame_count_estimate_ = 0;
  std::optional<SoundHeader> sound_header_;  // nothing: there is no sound
  double picture_delay_s_ = 0;               // of its first frame after the sound's first sample
  SubjectFacts facts_;
  std::exception_ptr failure_;
  BoundedQueue<ObservedFrame> frames_;
  std::stop_source stopping_;
  std::stop_callback<std::function<void()>> on_user_stop_;
  std::jthread thread_;
};

}  // namespace visema::session
