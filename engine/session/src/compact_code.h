#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace visema::session {

/// A zlib stream (RFC 1950).
std::vector<std::byte> deflated(std::span<const std::byte> bytes);

/// Rows of `columns` numbers that change little from row to row: the steps from each row to the one
/// before (the first: to zero), column after column, wrapped to the width of the number, deflated.
std::vector<std::byte> coded_rows(std::span<const std::uint8_t> rows, std::size_t columns);
/// The same; a step d goes as (d << 1) ^ (d >> 15), the low bytes of all before the high ones.
std::vector<std::byte> coded_rows(std::span<const std::int16_t> rows, std::size_t columns);

}  // namespace visema::session
