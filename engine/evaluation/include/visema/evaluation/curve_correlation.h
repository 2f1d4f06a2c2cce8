#pragma once

#include <optional>

#include "visema/evaluation/report.h"

namespace visema {

/// Pearson's r of a(t) and b(t + shift_s), b linear between its points; nothing where less than
/// half a second of them overlap or one of them stands still.
std::optional<double> shifted_correlation(const Curve& a, const Curve& b, double shift_s);

}  // namespace visema
