#pragma once

// GoogleTest matchers for programs that make talking heads. Needs GoogleMock and libvisema.
//
//   EXPECT_THAT(std::filesystem::path("talk.mp4"), visema::testing::IsInSync());
//   EXPECT_THAT("talk.mp4", visema::testing::RestsInSilence());
//   EXPECT_THAT("talk.mp4", visema::testing::PreservesIdentityOf("portrait.jpg"));
//
// A file is measured with visema::session::evaluate() and the installed networks (environment:
// VISEMA_MODELS, VISEMA_WEIGHTS); each file once per process and source. A measured
// visema::EvaluationReport matches too; for PreservesIdentityOf() only one that was measured
// against that very source.

#include <gmock/gmock.h>

#include <cmath>
#include <filesystem>
#include <map>
#include <optional>
#include <ostream>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "visema/evaluation/sync_score.h"
#include "visema/session/eval.h"

namespace visema::testing {

/// Limits of IsInSync().
struct SyncLimits {
  double most_offset_frames = 1;  // at 25 frames a second
  double least_margin = kInSyncMargin;
};

namespace internal {

inline const EvaluationReport& report_of(const std::filesystem::path& video,
                                         const std::filesystem::path& source) {
  static std::map<std::pair<std::filesystem::path, std::filesystem::path>, EvaluationReport> known;
  const auto key = std::pair(video, source);
  const auto found = known.find(key);
  if (found != known.end()) return found->second;
  session::EvalOptions options;
  options.video = video;
  options.source = source;
  options.phones = false;
  options.models = session::default_model_paths();
  return known.emplace(key, session::evaluate(options)).first->second;
}

inline const EvaluationReport& report_of(const EvaluationReport& report,
                                         const std::filesystem::path&) {
  return report;
}

/// A limit on one figure.
struct Limit {
  std::string measure;
  double low;
  double high;
};

/// Says the figure and whether it keeps the limit; a figure that could not be measured does not.
inline bool keeps(const EvaluationReport& report, const Limit& limit, std::ostream* out) {
  const Figure* figure = report.figure(limit.measure);
  if (figure == nullptr || !figure->value) {
    *out << limit.measure << " could not be measured"
         << (figure == nullptr || figure->why.empty() ? "" : ": " + figure->why);
    return false;
  }
  const bool kept = *figure->value >= limit.low && *figure->value <= limit.high;
  // A value that misses its limit by a hair must not look like the limit.
  const auto digits = out->precision(kept ? 6 : 10);
  *out << limit.measure << " is " << *figure->value;
  out->precision(digits);
  return kept;
}

/// Says so when the report's identity was measured against another file than `source`.
inline bool is_measured_against(const std::filesystem::path& source, const EvaluationReport& report,
                                std::ostream* out) {
  if (report.source.empty()) {
    *out << "which was measured without a source";
    return false;
  }
  const auto name_of = [](const std::filesystem::path& path) {
    std::error_code error;
    const auto name =
        std::filesystem::weakly_canonical(std::filesystem::absolute(path, error), error);
    return error ? path : name;
  };
  if (name_of(report.source) == name_of(source)) return true;
  *out << "whose identity was measured against " << report.source << ", not " << source.string();
  return false;
}

/// Matches a path or an EvaluationReport whose figures keep all limits.
class KeepsLimits {
 public:
  using is_gtest_matcher = void;

  KeepsLimits(std::string what, std::vector<Limit> limits,
              std::optional<std::filesystem::path> source = {})
      : what_(std::move(what)), limits_(std::move(limits)), source_(std::move(source)) {}

  template <typename Subject>
  bool MatchAndExplain(const Subject& subject, std::ostream* out) const {
    const EvaluationReport& report = report_of(subject, source_.value_or(""));
    std::ostream nowhere(nullptr);
    if (out == nullptr) out = &nowhere;
    if (source_ && !is_measured_against(*source_, report, out)) return false;
    bool all = true;
    const char* between = "where ";
    for (const Limit& limit : limits_) {
      *out << between;
      between = ", ";
      all = keeps(report, limit, out) && all;
    }
    return all;
  }

  void DescribeTo(std::ostream* out) const { *out << what_ << limits_text(); }
  void DescribeNegationTo(std::ostream* out) const { *out << "not: " << what_ << limits_text(); }

 private:
  std::string limits_text() const {
    std::string text;
    for (const Limit& limit : limits_) {
      text += (text.empty() ? " (" : ", ") + limit.measure;
      if (std::isinf(limit.high))
        text += " >= " + ::testing::PrintToString(limit.low);
      else if (std::isinf(limit.low))
        text += " <= " + ::testing::PrintToString(limit.high);
      else
        text += " in " + ::testing::PrintToString(limit.low) + ".." +
                ::testing::PrintToString(limit.high);
    }
    return text + ")";
  }

  std::string what_;
  std::vector<Limit> limits_;
  std::optional<std::filesystem::path> source_;  // of PreservesIdentityOf()
};

}  // namespace internal

/// The mouth fits the sound: sync.offset_frames near 0, and sync.margin says that it means it.
inline internal::KeepsLimits IsInSync(SyncLimits limits = {}) {
  return {"is in sync",
          {{"sync.offset_frames", -limits.most_offset_frames, limits.most_offset_frames},
           {"sync.margin", limits.least_margin, HUGE_VAL}}};
}

/// The lips rest while nothing is said: silence.open_percent.
inline internal::KeepsLimits RestsInSilence(double most_open_percent = 2) {
  return {"rests in silence", {{"silence.open_percent", -HUGE_VAL, most_open_percent}}};
}

/// It is still that person: identity.mean and identity.worst against a picture or video.
inline internal::KeepsLimits PreservesIdentityOf(const std::filesystem::path& source,
                                                 double least_mean = 0.7,
                                                 double least_worst = 0.55) {
  return {"preserves the identity of " + source.string(),
          {{"identity.mean", least_mean, HUGE_VAL}, {"identity.worst", least_worst, HUGE_VAL}},
          source};
}

}  // namespace visema::testing
