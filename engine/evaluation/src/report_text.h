#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "visema/evaluation/measures.h"

namespace visema {

/// With the measure's decimals; "-" for nothing.
std::string number_text(const MeasureInfo& info, std::optional<double> value,
                        int more_decimals = 0);
/// For HTML and XML, text and attributes; control characters are left out.
std::string escape_markup(std::string_view text);
/// Bytes that are not UTF-8 become U+FFFD.
std::string valid_utf8(const std::string& text);

}  // namespace visema
