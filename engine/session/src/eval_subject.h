#pragma once

#include <exception>
#include <filesystem>
#include <optional>
#include <stop_token>
#include <thread>

#include "eval_meter.h"
#include "visema/evaluation/report.h"
#include "visema/pipeline/bounded_queue.h"
#include "visema/session/eval.h"

namespace visema::session {

struct SubjectOptions {
  std::filesystem::path video;
  std::filesystem::path audio;   // empty: the video's own
  std::filesystem::path source;  // whose identity it should keep; empty: not known
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
  /// The next frame, nothing after the last. Rethrows what went wrong in the thread.
  std::optional<ObservedFrame> next();
  /// After the last frame.
  const SubjectFacts& facts() const { return facts_; }

 private:
  void work(const std::stop_token& own);
  void measure(const std::stop_token& own);

  SubjectOptions options_;
  std::stop_token user_stop_;
  EvaluatedVideo header_;
  std::int64_t frame_count_estimate_ = 0;
  SubjectFacts facts_;
  std::exception_ptr failure_;
  BoundedQueue<ObservedFrame> frames_;
  std::jthread thread_;
};

}  // namespace visema::session
