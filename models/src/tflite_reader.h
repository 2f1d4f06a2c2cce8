#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace visema {

/// Bytes of which every read is checked. Throws Error(kModel).
class CheckedBytes {
 public:
  explicit CheckedBytes(std::span<const std::byte> bytes) : bytes_(bytes) {}
  std::size_t size() const { return bytes_.size(); }
  std::span<const std::byte> part(std::size_t at, std::size_t size) const;

  template <typename T>
  T read(std::size_t at) const {
    T value;
    std::memcpy(&value, part(at, sizeof value).data(), sizeof value);
    return value;
  }

 private:
  std::span<const std::byte> bytes_;
};

/// A table of a FlatBuffer (https://flatbuffers.dev/internals): fields are found by number through
/// a vtable; an absent field has its schema's default.
class FlatTable {
 public:
  static FlatTable root(std::span<const std::byte> buffer);

  template <typename T>
  T scalar(int field, T absent = T{}) const {
    const auto at = find(field);
    return at ? bytes_.read<T>(*at) : absent;
  }
  std::optional<FlatTable> table(int field) const;
  std::vector<FlatTable> tables(int field) const;
  std::string text(int field) const;
  std::span<const std::byte> raw(int field) const;  // a vector of bytes
  std::vector<std::int32_t> integers(int field) const;

 private:
  FlatTable(CheckedBytes bytes, std::size_t position);
  std::optional<std::size_t> find(int field) const;
  std::size_t follow(std::size_t at) const;
  std::span<const std::byte> vector(int field, std::size_t item_size) const;

  CheckedBytes bytes_;
  std::size_t position_;
  std::size_t vtable_;
  std::size_t vtable_size_;
};

/// The map at the root of a FlexBuffer: every key with its numbers (one for a scalar). Other kinds
/// of values are left out.
std::map<std::string, std::vector<double>> read_flexbuffer_map(std::span<const std::byte> buffer);

}  // namespace visema
