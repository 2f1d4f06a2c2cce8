#include "files.h"

#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <system_error>

#include "visema/core/error.h"

namespace visema::cli {
namespace {

std::string reason() {
  return std::generic_category().message(errno);
}

std::string problem_of_input(const std::filesystem::path& path) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) return "is a folder";
  return access(path.c_str(), R_OK) == 0 ? "" : "cannot be read: " + reason();
}

std::string problem_of_output(const std::filesystem::path& path) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) return "cannot be written: is a folder";
  const auto folder = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
  if (!std::filesystem::is_directory(folder, ignored))
    return "cannot be written: no folder " + folder.string();
  return access(folder.c_str(), W_OK) == 0 ? "" : "cannot be written: " + reason();
}

void refuse(ErrorCode code, const std::vector<std::filesystem::path>& paths,
            std::string (*problem_of)(const std::filesystem::path&)) {
  std::string text;
  for (const auto& path : paths) {
    const std::string problem = path.empty() ? "" : problem_of(path);
    if (!problem.empty()) text += (text.empty() ? "" : "\n") + path.string() + ": " + problem;
  }
  if (!text.empty()) throw Error(code, text);
}

}  // namespace

void check(const Files& files) {
  refuse(ErrorCode::kInput, files.inputs, problem_of_input);
  refuse(ErrorCode::kOutput, files.outputs, problem_of_output);
}

void write_text_file(const std::filesystem::path& path, const std::string& text) {
  const std::filesystem::path part = path.string() + ".part";
  std::error_code error;
  {
    std::ofstream file(part, std::ios::binary);
    file << text;
    if (!file.flush()) error = std::make_error_code(std::errc::io_error);
  }
  if (!error) std::filesystem::rename(part, path, error);
  if (!error) return;
  std::error_code ignored;
  std::filesystem::remove(part, ignored);
  throw Error(ErrorCode::kOutput, path.string() + ": cannot be written: " + error.message());
}

bool same_file(const std::filesystem::path& a, const std::filesystem::path& b) {
  if (a.empty() || b.empty()) return false;
  std::error_code ignored;
  return std::filesystem::equivalent(a, b, ignored) || a.lexically_normal() == b.lexically_normal();
}

}  // namespace visema::cli
