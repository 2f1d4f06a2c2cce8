#pragma once

#include <string>

namespace visema {

/// A whole page with the look that all reports share. `title` is plain text, `body` is HTML.
std::string html_page(const std::string& title, const std::string& body);

}  // namespace visema
