#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>

namespace visema {

/// SHA-256 (FIPS 180-4) as 64 lower-case hex digits.
std::string sha256_hex(std::span<const std::byte> bytes);
/// Of a file's content. Throws Error(kInput) when it cannot be read.
std::string sha256_hex_of_file(const std::filesystem::path& path);

}  // namespace visema
