#pragma once

#include <cstddef>
#include <span>

namespace visema::fuzz {

/// Each takes arbitrary bytes as one file of ours. visema::Error is the only way it may fail; any
/// other exception, a broken promise or a memory error is a finding.
void tensor_file(std::span<const std::byte> bytes);
void avatar(std::span<const std::byte> bytes);
void config(std::span<const std::byte> bytes);
void pack(std::span<const std::byte> bytes);
void torch_checkpoint(std::span<const std::byte> bytes);

/// Ends the program when a promise does not hold.
void require(bool holds, const char* promise);

}  // namespace visema::fuzz
