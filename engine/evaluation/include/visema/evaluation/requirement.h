#pragma once

#include <string>
#include <string_view>

#include "visema/evaluation/report.h"

namespace visema {

enum class Comparison { kLess, kAtMost, kMore, kAtLeast, kEqual, kUnequal, kIn };

/// "sync.offset_frames in -1..1", "silence.open_percent <= 2".
struct RequirementRule {
  std::string expression;  // as given
  std::string measure;
  Comparison comparison = Comparison::kEqual;
  double low = 0;   // the number of the comparison, of kIn the lower end
  double high = 0;  // of kIn, included
};

/// Throws Error(kUsage) that names the expression, the part that is wrong and what is allowed.
RequirementRule parse_requirement(std::string_view expression);

/// A measure that could not be measured does not hold.
Requirement check(const RequirementRule& rule, const EvaluationReport& report);

}  // namespace visema
