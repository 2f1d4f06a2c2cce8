#include "files.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <sstream>
#include <system_error>

#include "visema/core/error.h"
#include "visema/core/output_file.h"

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

std::string problem_of_text(const std::filesystem::path& path) {
  std::error_code ignored;
  if (path == "-") return "cannot be written: standard output is /dev/stdout";
  if (std::filesystem::is_directory(path, ignored)) return "cannot be written: is a folder";
  if (is_device_or_pipe(path))
    return access(path.c_str(), W_OK) == 0 ? "" : "cannot be written: " + reason();
  const auto folder = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
  if (!std::filesystem::is_directory(folder, ignored))
    return "cannot be written: no folder " + folder.string();
  return access(folder.c_str(), W_OK) == 0 ? "" : "cannot be written: " + reason();
}

std::string problem_of_output(const std::filesystem::path& path) {
  if (is_device_or_pipe(path)) return "cannot be written: is a device or a pipe, not a file";
  return problem_of_text(path);
}

void refuse(ErrorCode code, const std::vector<std::filesystem::path>& paths,
            std::string (*problem_of)(const std::filesystem::path&)) {
  std::string text;
  for (const auto& path : paths) {
    const std::string problem = path.empty() ? "" : problem_of(path);
    if (problem.empty()) continue;
    if (!text.empty()) text += '\n';
    text += path.string() + ": " + problem;
  }
  if (!text.empty()) throw Error(code, text);
}

}  // namespace

void check(const Files& files) {
  refuse_overwriting(files);
  refuse(ErrorCode::kInput, files.inputs, problem_of_input);
  refuse(ErrorCode::kOutput, files.outputs, problem_of_output);
  refuse(ErrorCode::kOutput, files.texts, problem_of_text);
}

void refuse_overwriting(const Files& files) {
  std::vector<std::filesystem::path> outputs = files.outputs;
  outputs.insert(outputs.end(), files.texts.begin(), files.texts.end());
  std::string text;
  for (auto output = outputs.begin(); output != outputs.end(); ++output) {
    const auto is_output = [&](const auto& path) { return same_file(path, *output); };
    std::string problem;
    if (std::any_of(files.inputs.begin(), files.inputs.end(), is_output))
      problem = ": the output would overwrite an input";
    else if (std::any_of(outputs.begin(), output, is_output))
      problem = ": two outputs name this file";
    if (problem.empty()) continue;
    if (!text.empty()) text += '\n';
    text += output->string() + problem;
  }
  if (!text.empty()) throw Error(ErrorCode::kUsage, text);
}

std::string read_text_file(const std::filesystem::path& path, const std::string& option) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  if (std::filesystem::is_directory(path) || !file || !(text << file.rdbuf()))
    throw Error(ErrorCode::kUsage,
                path.string() + ": the configuration cannot be read (" + option + ")");
  return text.str();
}

void write_text_file(const std::filesystem::path& path, const std::string& text) {
  const TextPlace place(path);
  std::error_code error;
  {
    std::ofstream file(place.part, std::ios::binary);
    file << text;
    if (!file.flush()) error = std::make_error_code(std::errc::io_error);
  }
  if (!error && !place.in_place()) std::filesystem::rename(place.part, place.whole, error);
  if (!error) return;
  std::error_code ignored;
  if (!place.in_place()) std::filesystem::remove(place.part, ignored);
  throw Error(ErrorCode::kOutput, path.string() + ": cannot be written: " + error.message());
}

bool same_file(const std::filesystem::path& a, const std::filesystem::path& b) {
  if (a.empty() || b.empty()) return false;
  std::error_code ignored;
  if (std::filesystem::equivalent(a, b, ignored)) return true;
  const auto name_of = [](const std::filesystem::path& path) {
    std::error_code error;
    const auto name =
        std::filesystem::weakly_canonical(std::filesystem::absolute(path, error), error);
    return error ? path.lexically_normal() : name;
  };
  return name_of(a) == name_of(b);
}

}  // namespace visema::cli
