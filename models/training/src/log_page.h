#pragma once

#include <filesystem>
#include <string>

namespace visema::training {

/// A page of curves, one for each name in the lines of a training log: values over minutes, those
/// of training smoothed. `sheet`: a picture to show below, or empty. HTML with the curves inside.
std::string log_page(const std::string& lines, const std::string& title, const std::string& sheet);

/// Writes LOG.html beside the log; written beside and renamed. Throws Error(kOutput).
void write_log_page(const std::filesystem::path& log, const std::filesystem::path& sheet);

}  // namespace visema::training
