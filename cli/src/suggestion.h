#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace visema::cli {

/// The known word that was probably meant: at most a third of its letters differ. Empty: none.
std::string nearest(std::string_view word, const std::vector<std::string>& known);

/// "; did you mean X?" or nothing.
std::string suggestion(std::string_view word, const std::vector<std::string>& known,
                       std::string_view prefix = "");

}  // namespace visema::cli
