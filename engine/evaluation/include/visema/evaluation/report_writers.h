#pragma once

#include <span>
#include <string>

#include "visema/evaluation/report.h"

namespace visema {

// Texts of evaluation reports. Numbers that are not finite become null or "-"; text from outside is
// escaped; what is not UTF-8 is replaced.

/// docs/eval-report.md describes it; kEvaluationSchema is its version.
std::string evaluation_json(const EvaluationReport& report);
/// Of many videos, with means and medians; the same document describes it.
std::string evaluation_table_json(std::span<const EvaluationReport> reports);
/// One page with plots and pictures inside, no script, nothing from outside.
std::string evaluation_html(const EvaluationReport& report);
/// A row per video, a column per measure that any video has.
std::string evaluation_table_html(std::span<const EvaluationReport> reports);
/// JUnit XML: a suite per video, a case per requirement, or one case "measured".
std::string evaluation_junit(std::span<const EvaluationReport> reports);
/// For the console: measure, value, real value, unit. Measures that lack an input ("needs ...") are
/// left out, others that could not be measured say why.
std::string evaluation_text(const EvaluationReport& report);
/// The same of many videos: measure, mean and median of the videos, mean of the real ones, and how
/// many videos have it.
std::string evaluation_table_text(std::span<const EvaluationReport> reports);
/// Mean over the videos that have the measure; nothing when none has.
std::optional<double> mean_of(std::span<const EvaluationReport> reports,
                              const std::string& measure);
std::optional<double> median_of(std::span<const EvaluationReport> reports,
                                const std::string& measure);
/// The same of the real videos.
std::optional<double> real_mean_of(std::span<const EvaluationReport> reports,
                                   const std::string& measure);

}  // namespace visema
