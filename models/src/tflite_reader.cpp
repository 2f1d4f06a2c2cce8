#include "tflite_reader.h"

#include "visema/core/error.h"

namespace visema {

std::span<const std::byte> CheckedBytes::part(std::size_t at, std::size_t size) const {
  if (at > bytes_.size() || size > bytes_.size() - at) {
    throw Error(ErrorCode::kModel, "network data ends early: " + std::to_string(size) +
                                       " bytes at " + std::to_string(at) + " of " +
                                       std::to_string(bytes_.size()));
  }
  return bytes_.subspan(at, size);
}

FlatTable::FlatTable(CheckedBytes bytes, std::size_t position)
    : bytes_(bytes), position_(position) {
  const auto back = bytes_.read<std::int32_t>(position);
  vtable_ = static_cast<std::size_t>(static_cast<std::int64_t>(position) - back);
  vtable_size_ = bytes_.read<std::uint16_t>(vtable_);
}

FlatTable FlatTable::root(std::span<const std::byte> buffer) {
  const CheckedBytes bytes(buffer);
  return {bytes, bytes.read<std::uint32_t>(0)};
}

std::optional<std::size_t> FlatTable::find(int field) const {
  const std::size_t slot = 4 + 2 * static_cast<std::size_t>(field);
  if (slot + 2 > vtable_size_) return std::nullopt;
  const auto offset = bytes_.read<std::uint16_t>(vtable_ + slot);
  if (offset == 0) return std::nullopt;
  return position_ + offset;
}

std::size_t FlatTable::follow(std::size_t at) const {
  return at + bytes_.read<std::uint32_t>(at);
}

std::optional<FlatTable> FlatTable::table(int field) const {
  const auto at = find(field);
  if (!at) return std::nullopt;
  return FlatTable(bytes_, follow(*at));
}

std::span<const std::byte> FlatTable::vector(int field, std::size_t item_size) const {
  const auto at = find(field);
  if (!at) return {};
  const std::size_t start = follow(*at);
  return bytes_.part(start + 4, bytes_.read<std::uint32_t>(start) * item_size);
}

std::vector<FlatTable> FlatTable::tables(int field) const {
  std::vector<FlatTable> tables;
  const auto at = find(field);
  if (!at) return tables;
  const std::size_t start = follow(*at);
  const std::size_t count = vector(field, 4).size() / 4;
  for (std::size_t i = 0; i < count; ++i) {
    tables.push_back(FlatTable(bytes_, follow(start + 4 + 4 * i)));
  }
  return tables;
}

std::span<const std::byte> FlatTable::raw(int field) const {
  return vector(field, 1);
}

std::string FlatTable::text(int field) const {
  const auto bytes = raw(field);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::vector<std::int32_t> FlatTable::integers(int field) const {
  const auto bytes = vector(field, 4);
  std::vector<std::int32_t> values(bytes.size() / 4);
  if (!values.empty()) std::memcpy(values.data(), bytes.data(), bytes.size());
  return values;
}

namespace {

// Value types of FlexBuffers (https://flatbuffers.dev/flexbuffers).
enum FlexType {
  kInt = 1,
  kUint = 2,
  kFloat = 3,
  kMap = 9,
  kVectorInt = 11,
  kVectorUint = 12,
  kVectorFloat = 13,
};

class FlexReader {
 public:
  explicit FlexReader(std::span<const std::byte> buffer) : bytes_(buffer) {}

  std::map<std::string, std::vector<double>> map() const {
    const std::size_t size = bytes_.size();
    if (size < 3) throw Error(ErrorCode::kModel, "custom operation without options");
    const std::size_t root_width = checked_width(bytes_.read<std::uint8_t>(size - 1));
    const auto type = bytes_.read<std::uint8_t>(size - 2);
    if (type >> 2 != kMap) throw Error(ErrorCode::kModel, "custom options are not a map");
    if (size < 2 + root_width) throw Error(ErrorCode::kModel, "custom options end early");
    const std::size_t width = std::size_t{1} << (type & 3);
    const std::size_t values = target(size - 2 - root_width, root_width);
    const std::size_t count = unsigned_at(before(values, width), width);
    const std::size_t key_width = checked_width(unsigned_at(before(values, 2 * width), width));
    const std::size_t keys = target(before(values, 3 * width), width);

    std::map<std::string, std::vector<double>> result;
    bytes_.part(values, count);
    for (std::size_t i = 0; i < count; ++i) {
      const auto item_type = bytes_.read<std::uint8_t>(values + count * width + i);
      const std::string key = text(target(keys + i * key_width, key_width));
      result[key] = numbers(values + i * width, width, item_type);
    }
    return result;
  }

 private:
  static std::size_t checked_width(std::size_t width) {
    if (width != 1 && width != 2 && width != 4 && width != 8) {
      throw Error(ErrorCode::kModel,
                  "custom options with numbers of " + std::to_string(width) + " bytes");
    }
    return width;
  }

  static std::size_t before(std::size_t at, std::size_t distance) {
    if (distance > at) throw Error(ErrorCode::kModel, "custom options point outside");
    return at - distance;
  }

  std::uint64_t unsigned_at(std::size_t at, std::size_t width) const {
    std::uint64_t value = 0;
    std::memcpy(&value, bytes_.part(at, width).data(), width);
    return value;
  }

  std::size_t target(std::size_t at, std::size_t width) const {
    return before(at, unsigned_at(at, width));
  }

  std::string text(std::size_t at) const {
    std::string result;
    while (const char c = bytes_.read<char>(at++)) result += c;
    return result;
  }

  double number(std::size_t at, std::size_t width, int type) const {
    const std::uint64_t bits = unsigned_at(at, width);
    if (type == kUint) return static_cast<double>(bits);
    if (type == kFloat) {
      if (width == 4) return bytes_.read<float>(at);
      if (width == 8) return bytes_.read<double>(at);
      throw Error(ErrorCode::kModel, "custom options with a short float");
    }
    const int unused = static_cast<int>(64 - 8 * width);
    return static_cast<double>(static_cast<std::int64_t>(bits << unused) >> unused);
  }

  std::vector<double> numbers(std::size_t at, std::size_t width, std::uint8_t packed) const {
    const int type = packed >> 2;
    if (type >= kInt && type <= kFloat) return {number(at, width, type)};
    if (type < kVectorInt || type > kVectorFloat) return {};
    const std::size_t item = std::size_t{1} << (packed & 3);
    const std::size_t start = target(at, width);
    const std::size_t count = unsigned_at(before(start, item), item);
    bytes_.part(start, count);
    std::vector<double> values;
    for (std::size_t i = 0; i < count; ++i) {
      values.push_back(number(start + i * item, item, type - kVectorInt + kInt));
    }
    return values;
  }

  CheckedBytes bytes_;
};

}  // namespace

std::map<std::string, std::vector<double>> read_flexbuffer_map(std::span<const std::byte> buffer) {
  return FlexReader(buffer).map();
}

}  // namespace visema
