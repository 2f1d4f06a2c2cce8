#pragma once

#include <filesystem>
#include <string>

namespace visema::media {

/// Keeps libav from printing; the last error it reports in a thread is kept for error_text.
void catch_libav_log();
void forget_libav_log();

/// What libav's error code means, with what libav reported about it since forget_libav_log.
std::string error_text(int code);
/// What libav reported last in this thread, empty when nothing.
std::string last_libav_report();

/// Throws Error(kInput) "PATH: WHAT: cause".
[[noreturn]] void fail_input(const std::filesystem::path& path, const std::string& what, int code);
/// Throws Error(kOutput) likewise.
[[noreturn]] void fail_output(const std::filesystem::path& path, const std::string& what, int code);

/// "file:PATH", so that colons, percent signs and leading dashes in names mean nothing to libav.
std::string file_url(const std::filesystem::path& path);

}  // namespace visema::media
