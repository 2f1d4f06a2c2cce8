#include "compact_code.h"

#include <zlib.h>

#include <string>

#include "visema/core/error.h"

namespace visema::session {

std::vector<std::byte> deflated(std::span<const std::byte> bytes) {
  uLongf size = compressBound(bytes.size());
  std::vector<std::byte> out(size);
  const int code =
      compress2(reinterpret_cast<Bytef*>(out.data()), &size,
                reinterpret_cast<const Bytef*>(bytes.data()), bytes.size(), Z_BEST_COMPRESSION);
  if (code != Z_OK)
    throw Error(ErrorCode::kInternal, "zlib refuses " + std::to_string(bytes.size()) +
                                          " bytes: code " + std::to_string(code));
  out.resize(size);
  return out;
}

std::vector<std::byte> coded_rows(std::span<const std::uint8_t> rows, std::size_t columns) {
  std::vector<std::uint8_t> steps;
  steps.reserve(rows.size());
  for (std::size_t column = 0; column < columns; ++column) {
    std::uint8_t before = 0;
    for (std::size_t i = column; i < rows.size(); i += columns) {
      steps.push_back(static_cast<std::uint8_t>(rows[i] - before));
      before = rows[i];
    }
  }
  return deflated(std::as_bytes(std::span(steps)));
}

std::vector<std::byte> coded_rows(std::span<const std::int16_t> rows, std::size_t columns) {
  std::vector<std::uint8_t> low, high;
  low.reserve(rows.size() * 2);
  high.reserve(rows.size());
  for (std::size_t column = 0; column < columns; ++column) {
    std::int16_t before = 0;
    for (std::size_t i = column; i < rows.size(); i += columns) {
      const auto step = static_cast<std::int16_t>(rows[i] - before);
      const auto folded = static_cast<std::uint16_t>((step * 2) ^ (step >> 15));
      low.push_back(static_cast<std::uint8_t>(folded & 0xff));
      high.push_back(static_cast<std::uint8_t>(folded >> 8));
      before = rows[i];
    }
  }
  low.insert(low.end(), high.begin(), high.end());
  return deflated(std::as_bytes(std::span(low)));
}

}  // namespace visema::session
