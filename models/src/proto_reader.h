#pragma once

#include <cstdint>
#include <cstring>
#include <optional>
#include <span>

#include "tflite_reader.h"
#include "visema/core/error.h"

namespace visema {

/// Reads a protocol buffer field after field (https://protobuf.dev/programming-guides/encoding).
class ProtoReader {
 public:
  explicit ProtoReader(std::span<const std::byte> bytes) : bytes_(bytes) {}

  struct Field {
    std::uint64_t number = 0;
    std::uint64_t value = 0;           // varint or the bits of a fixed-size number
    std::span<const std::byte> bytes;  // length-delimited content
    float real() const {
      const auto bits = static_cast<std::uint32_t>(value);
      float result;
      std::memcpy(&result, &bits, sizeof result);
      return result;
    }
  };

  /// The next number of a packed field.
  std::optional<std::uint64_t> next_packed() {
    if (at_ >= bytes_.size()) return std::nullopt;
    return varint();
  }

  std::optional<Field> next() {
    if (at_ >= bytes_.size()) return std::nullopt;
    const std::uint64_t key = varint();
    Field field{key >> 3, 0, {}};
    switch (key & 7) {
      case 0:
        field.value = varint();
        break;
      case 1:
        field.value = bytes_.read<std::uint64_t>(at_), at_ += 8;
        break;
      case 2: {
        const std::uint64_t size = varint();
        field.bytes = bytes_.part(at_, size);
        at_ += size;
        break;
      }
      case 5:
        field.value = bytes_.read<std::uint32_t>(at_), at_ += 4;
        break;
      default:
        throw Error(ErrorCode::kModel, "protocol buffer: unknown wire type");
    }
    return field;
  }

 private:
  std::uint64_t varint() {
    std::uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      const auto byte = bytes_.read<std::uint8_t>(at_++);
      value |= std::uint64_t{byte & 0x7fu} << shift;
      if (byte < 0x80) return value;
    }
    throw Error(ErrorCode::kModel, "protocol buffer: number without end");
  }

  CheckedBytes bytes_;
  std::size_t at_ = 0;
};

}  // namespace visema
