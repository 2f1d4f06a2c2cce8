#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace visema {

/// A view on numbers that someone else owns. dtype as safetensors spells it: F32 F16 BF16 F64 I64
/// I32 I16 I8 U64 U32 U16 U8 BOOL. Bytes are little endian, row major and need not be aligned.
struct Tensor {
  std::string dtype;
  std::vector<std::int64_t> shape;
  std::span<const std::byte> bytes;
};

/// Bytes of one number, 0 for a dtype that is not known.
std::size_t dtype_size(std::string_view dtype);

/// Views on the caller's numbers, for write_tensor_file.
Tensor view_of(std::span<const float> values, std::vector<std::int64_t> shape);
Tensor view_of(std::span<const std::int32_t> values, std::vector<std::int64_t> shape);
Tensor view_of(std::span<const std::int64_t> values, std::vector<std::int64_t> shape);
Tensor view_of(std::span<const std::uint8_t> values, std::vector<std::int64_t> shape);
/// IEEE 754 binary16 bits.
Tensor view_of_half(std::span<const std::uint16_t> values, std::vector<std::int64_t> shape);

float half_to_float(std::uint16_t half);
/// Rounds to nearest even.
std::uint16_t float_to_half(float value);

/// A safetensors file, mapped into memory and checked completely when it is opened: names, shapes
/// and sizes agree and the tensors tile the data exactly. Copies share the mapping; the views it
/// hands out live as long as any copy. Throws Error(kModel) that names the file; kInput when it
/// cannot be read.
class TensorFile {
 public:
  static TensorFile open(const std::filesystem::path& path);
  static TensorFile from_bytes(std::vector<std::byte> bytes, std::string name = "memory");

  std::vector<std::string> names() const;
  bool contains(const std::string& name) const;
  Tensor get(const std::string& name) const;
  /// Numbers of an F32, F16, BF16 or F64 tensor as float.
  std::vector<float> floats(const std::string& name) const;
  /// The same, and the shape must be the one given.
  std::vector<float> floats(const std::string& name, const std::vector<std::int64_t>& shape) const;
  /// Numbers of an I32, I64 or U8 tensor.
  std::vector<std::int64_t> integers(const std::string& name) const;

  const std::map<std::string, std::string>& metadata() const;
  /// Of the whole file, 64 hex digits.
  std::string sha256() const;
  /// Where a tensor's bytes begin in the file, so that other readers can use the section.
  std::uint64_t offset_in_file(const std::string& name) const;
  /// What messages call this file.
  const std::string& source() const;

 private:
  struct Content;
  explicit TensorFile(std::shared_ptr<const Content> content) : content_(std::move(content)) {}
  static TensorFile parse(std::shared_ptr<Content> content);
  std::shared_ptr<const Content> content_;
};

/// Writes a safetensors file beside `path` and renames it, so that `path` is the old file or the
/// whole new one. Throws Error(kOutput).
void write_tensor_file(const std::filesystem::path& path,
                       const std::map<std::string, Tensor>& tensors,
                       const std::map<std::string, std::string>& metadata = {});

}  // namespace visema
