#include "visema/models/tensor_file.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>

#include "tensor_file_mapping.h"
#include "visema/core/error.h"
#include "visema/core/sha256.h"

static_assert(std::endian::native == std::endian::little, "safetensors is read in place");

namespace visema {
namespace {

constexpr std::size_t kMaxHeaderBytes = 100'000'000;  // the limit of the format
constexpr std::size_t kMaxDimensions = 16;

struct Entry {
  std::string dtype;
  std::vector<std::int64_t> shape;
  std::size_t begin = 0;
  std::size_t end = 0;
};

std::string shape_text(const std::vector<std::int64_t>& shape) {
  std::string text = "[";
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (i > 0) text += ',';
    text += std::to_string(shape[i]);
  }
  return text + "]";
}

/// Throws std::runtime_error with the reason only; the caller adds file and tensor.
Entry parse_entry(const nlohmann::json& json, std::size_t data_size) {
  const auto reject = [](const std::string& why) { throw std::runtime_error(why); };
  if (!json.is_object()) reject("its header entry is no object");
  const auto dtype = json.find("dtype");
  const auto shape = json.find("shape");
  const auto offsets = json.find("data_offsets");
  if (dtype == json.end() || !dtype->is_string()) reject("dtype is missing");
  if (shape == json.end() || !shape->is_array()) reject("shape is missing");
  if (offsets == json.end() || !offsets->is_array() || offsets->size() != 2 ||
      !(*offsets)[0].is_number_unsigned() || !(*offsets)[1].is_number_unsigned()) {
    reject("data_offsets must be two positions");
  }
  Entry entry;
  entry.dtype = dtype->get<std::string>();
  const std::size_t item = dtype_size(entry.dtype);
  if (item == 0) reject("unknown dtype '" + entry.dtype + "'");
  if (shape->size() > kMaxDimensions) reject("more than 16 dimensions");
  std::size_t bytes = item;
  for (const auto& dimension : *shape) {
    if (!dimension.is_number_unsigned()) reject("a dimension is not a count");
    const auto count = dimension.get<std::uint64_t>();
    if (count > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
      reject("a dimension is too large");
    }
    if (__builtin_mul_overflow(bytes, static_cast<std::size_t>(count), &bytes)) {
      reject("more numbers than memory can hold");
    }
    entry.shape.push_back(static_cast<std::int64_t>(count));
  }
  entry.begin = (*offsets)[0].get<std::size_t>();
  entry.end = (*offsets)[1].get<std::size_t>();
  if (entry.begin > entry.end || entry.end > data_size) {
    reject("data_offsets [" + std::to_string(entry.begin) + "," + std::to_string(entry.end) +
           "] lie outside the " + std::to_string(data_size) + " bytes of data");
  }
  if (entry.end - entry.begin != bytes) {
    reject(entry.dtype + shape_text(entry.shape) + " needs " + std::to_string(bytes) +
           " bytes, data_offsets give " + std::to_string(entry.end - entry.begin));
  }
  return entry;
}

template <typename T>
T load(const std::byte* from) {
  T value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

template <typename T>
Tensor view(std::span<const T> values, std::vector<std::int64_t> shape, const char* dtype) {
  return {dtype, std::move(shape), std::as_bytes(values)};
}

}  // namespace

std::size_t dtype_size(std::string_view dtype) {
  if (dtype == "F64" || dtype == "I64" || dtype == "U64") return 8;
  if (dtype == "F32" || dtype == "I32" || dtype == "U32") return 4;
  if (dtype == "F16" || dtype == "BF16" || dtype == "I16" || dtype == "U16") return 2;
  if (dtype == "I8" || dtype == "U8" || dtype == "BOOL") return 1;
  return 0;
}

Tensor view_of(std::span<const float> values, std::vector<std::int64_t> shape) {
  return view(values, std::move(shape), "F32");
}
Tensor view_of(std::span<const std::int32_t> values, std::vector<std::int64_t> shape) {
  return view(values, std::move(shape), "I32");
}
Tensor view_of(std::span<const std::int64_t> values, std::vector<std::int64_t> shape) {
  return view(values, std::move(shape), "I64");
}
Tensor view_of(std::span<const std::uint8_t> values, std::vector<std::int64_t> shape) {
  return view(values, std::move(shape), "U8");
}
Tensor view_of_half(std::span<const std::uint16_t> values, std::vector<std::int64_t> shape) {
  return view(values, std::move(shape), "F16");
}

struct TensorFile::Content {
  std::string source;
  FileMapping mapping;
  std::vector<std::byte> owned;
  std::span<const std::byte> all;
  std::span<const std::byte> data;
  std::map<std::string, Entry> entries;
  std::map<std::string, std::string> metadata;

  [[noreturn]] void reject(const std::string& why) const {
    throw Error(ErrorCode::kModel, source + " is not a valid safetensors file: " + why);
  }

  const Entry& entry(const std::string& name) const {
    const auto found = entries.find(name);
    if (found == entries.end()) {
      throw Error(ErrorCode::kModel, source + " has no tensor '" + name + "'");
    }
    return found->second;
  }
};

TensorFile TensorFile::open(const std::filesystem::path& path) {
  auto content = std::make_shared<Content>();
  content->source = path.string();
  content->mapping = FileMapping(path);
  content->all = content->mapping.bytes();
  return parse(std::move(content));
}

TensorFile TensorFile::from_bytes(std::vector<std::byte> bytes, std::string name) {
  auto content = std::make_shared<Content>();
  content->source = std::move(name);
  content->owned = std::move(bytes);
  content->all = content->owned;
  return parse(std::move(content));
}

TensorFile TensorFile::parse(std::shared_ptr<Content> content) {
  const auto all = content->all;
  if (all.size() < 8) content->reject("it has " + std::to_string(all.size()) + " bytes");
  const auto header_size = load<std::uint64_t>(all.data());
  if (header_size > kMaxHeaderBytes || header_size > all.size() - 8) {
    content->reject("header of " + std::to_string(header_size) + " bytes in a file of " +
                    std::to_string(all.size()));
  }
  content->data = all.subspan(8 + header_size);
  const auto* text = reinterpret_cast<const char*>(all.data() + 8);

  std::set<std::string> seen;
  bool repeated = false;
  const auto watch = [&](int depth, nlohmann::json::parse_event_t event, nlohmann::json& value) {
    if (depth == 1 && event == nlohmann::json::parse_event_t::key) {
      repeated |= !seen.insert(value.get<std::string>()).second;
    }
    return true;
  };
  const auto header = nlohmann::json::parse(text, text + header_size, watch, false);
  if (!header.is_object()) content->reject("the header is not a JSON object");
  if (repeated) content->reject("a tensor's name occurs twice");

  for (const auto& [name, value] : header.items()) {
    if (name == "__metadata__") {
      if (!value.is_object()) content->reject("__metadata__ is no object");
      for (const auto& [key, item] : value.items()) {
        if (!item.is_string()) content->reject("__metadata__ '" + key + "' is no text");
        content->metadata.emplace(key, item.get<std::string>());
      }
      continue;
    }
    try {
      content->entries.emplace(name, parse_entry(value, content->data.size()));
    } catch (const std::runtime_error& error) {
      content->reject("tensor '" + name + "': " + error.what());
    }
  }

  std::vector<std::pair<std::size_t, std::size_t>> ranges;
  for (const auto& [name, entry] : content->entries) ranges.emplace_back(entry.begin, entry.end);
  std::sort(ranges.begin(), ranges.end());
  std::size_t position = 0;
  for (const auto& [begin, end] : ranges) {
    if (begin != position) content->reject("tensors overlap or leave a gap");
    position = end;
  }
  if (position != content->data.size()) content->reject("bytes that belong to no tensor");
  return TensorFile(std::move(content));
}

std::vector<std::string> TensorFile::names() const {
  std::vector<std::string> names;
  for (const auto& [name, entry] : content_->entries) names.push_back(name);
  return names;
}

bool TensorFile::contains(const std::string& name) const {
  return content_->entries.contains(name);
}

Tensor TensorFile::get(const std::string& name) const {
  const Entry& entry = content_->entry(name);
  return {entry.dtype, entry.shape, content_->data.subspan(entry.begin, entry.end - entry.begin)};
}

std::vector<float> TensorFile::floats(const std::string& name) const {
  const Tensor tensor = get(name);
  const std::byte* from = tensor.bytes.data();
  std::vector<float> values(tensor.bytes.size() / dtype_size(tensor.dtype));
  if (tensor.dtype == "F32") {
    if (!values.empty()) std::memcpy(values.data(), from, tensor.bytes.size());
  } else if (tensor.dtype == "F16") {
    for (auto& value : values) value = half_to_float(load<std::uint16_t>(from)), from += 2;
  } else if (tensor.dtype == "BF16") {
    for (auto& value : values) {
      value = std::bit_cast<float>(std::uint32_t{load<std::uint16_t>(from)} << 16);
      from += 2;
    }
  } else if (tensor.dtype == "F64") {
    for (auto& value : values) value = static_cast<float>(load<double>(from)), from += 8;
  } else {
    throw Error(ErrorCode::kModel, content_->source + ": tensor '" + name + "' is " + tensor.dtype +
                                       ", expected F32, F16, BF16 or F64");
  }
  return values;
}

std::vector<float> TensorFile::floats(const std::string& name,
                                      const std::vector<std::int64_t>& shape) const {
  const Entry& entry = content_->entry(name);
  if (entry.shape != shape) {
    throw Error(ErrorCode::kModel, content_->source + ": tensor '" + name + "' has shape " +
                                       shape_text(entry.shape) + ", expected " + shape_text(shape));
  }
  return floats(name);
}

std::vector<std::int64_t> TensorFile::integers(const std::string& name) const {
  const Tensor tensor = get(name);
  const std::byte* from = tensor.bytes.data();
  std::vector<std::int64_t> values(tensor.bytes.size() / dtype_size(tensor.dtype));
  if (tensor.dtype == "I32") {
    for (auto& value : values) value = load<std::int32_t>(from), from += 4;
  } else if (tensor.dtype == "I64") {
    for (auto& value : values) value = load<std::int64_t>(from), from += 8;
  } else if (tensor.dtype == "U8") {
    for (auto& value : values) value = load<std::uint8_t>(from), from += 1;
  } else {
    throw Error(ErrorCode::kModel, content_->source + ": tensor '" + name + "' is " + tensor.dtype +
                                       ", expected I32, I64 or U8");
  }
  return values;
}

std::uint64_t TensorFile::offset_in_file(const std::string& name) const {
  return static_cast<std::uint64_t>(get(name).bytes.data() - content_->all.data());
}

const std::map<std::string, std::string>& TensorFile::metadata() const {
  return content_->metadata;
}

std::string TensorFile::sha256() const {
  return sha256_hex(content_->all);
}

const std::string& TensorFile::source() const {
  return content_->source;
}

}  // namespace visema
