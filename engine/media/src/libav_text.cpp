#include "libav_text.h"

extern "C" {
#include <libavutil/error.h>
#include <libavutil/log.h>
}

#include <cstdarg>
#include <cstdio>
#include <mutex>

#include "visema/core/error.h"

namespace visema::media {
namespace {

thread_local std::string last_report;

void on_log(void*, int level, const char* format, va_list arguments) {
  if (level > AV_LOG_ERROR) return;
  char text[512];
  std::vsnprintf(text, sizeof text, format, arguments);
  std::string line = text;
  while (!line.empty() && (line.back() == '\n' || line.back() == ' ')) line.pop_back();
  if (!line.empty()) last_report = std::move(line);
}

}  // namespace

void catch_libav_log() {
  static std::once_flag once;
  std::call_once(once, [] { av_log_set_callback(on_log); });
}

void forget_libav_log() {
  last_report.clear();
}

std::string last_libav_report() {
  return last_report;
}

std::string error_text(int code) {
  char text[AV_ERROR_MAX_STRING_SIZE] = {};
  av_strerror(code, text, sizeof text);
  return last_report.empty() ? text : std::string(text) + " (" + last_report + ")";
}

void fail_input(const std::filesystem::path& path, const std::string& what, int code) {
  throw Error(ErrorCode::kInput, path.string() + ": " + what + ": " + error_text(code));
}

void fail_output(const std::filesystem::path& path, const std::string& what, int code) {
  throw Error(ErrorCode::kOutput, path.string() + ": " + what + ": " + error_text(code));
}

std::string file_url(const std::filesystem::path& path) {
  return "file:" + path.string();
}

}  // namespace visema::media
