#include "torch_pickle_tensor.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <limits>
#include <set>

#include "visema/models/tensor_file.h"

namespace visema {
namespace {

constexpr std::size_t kMaxDimensions = 16;
constexpr std::int64_t kMostNumbers = std::int64_t{1} << 31;

struct TypeName {
  std::string_view name;
  StorageType type;
  std::size_t size;
  const char* dtype;  // as safetensors spells it
};
constexpr std::array kTypes = std::to_array<TypeName>({
    {"FloatStorage", StorageType::kFloat, 4, "F32"},
    {"DoubleStorage", StorageType::kDouble, 8, "F64"},
    {"HalfStorage", StorageType::kHalf, 2, "F16"},
    {"BFloat16Storage", StorageType::kBFloat16, 2, "BF16"},
    {"LongStorage", StorageType::kLong, 8, "I64"},
    {"IntStorage", StorageType::kInt, 4, "I32"},
    {"ShortStorage", StorageType::kShort, 2, "I16"},
    {"CharStorage", StorageType::kChar, 1, "I8"},
    {"ByteStorage", StorageType::kByte, 1, "U8"},
    {"BoolStorage", StorageType::kBool, 1, "BOOL"},
});

[[noreturn]] void reject(const std::string& why) {
  throw PickleError(why);
}

template <typename T>
T load(const std::byte* at) {
  T value;
  std::memcpy(&value, at, sizeof value);
  return value;
}

std::int64_t count_of(const PickleValue& value) {
  if (value.kind != PickleKind::kInteger || value.integer < 0) reject("a size that is no count");
  return value.integer;
}

std::vector<std::int64_t> counts_of(const Pickle& pickle, const PickleValue& value) {
  if (value.kind != PickleKind::kTuple && value.kind != PickleKind::kList)
    reject("a shape that is no tuple");
  if (value.items.size() > kMaxDimensions) reject("a tensor of more than 16 dimensions");
  std::vector<std::int64_t> counts;
  for (const PickleRef item : value.items) counts.push_back(count_of(pickle[item]));
  return counts;
}

StorageType type_of(const PickleValue& value) {
  const std::string_view text = value.text;
  const std::string_view name = text.substr(text.rfind('.') + 1);
  const auto found =
      std::find_if(kTypes.begin(), kTypes.end(), [&](const TypeName& t) { return t.name == name; });
  if (value.kind != PickleKind::kGlobal || found == kTypes.end())
    reject("numbers of the type '" + std::string(name) + "'");
  return found->type;
}

void check_inside(TensorRef& tensor) {
  std::int64_t last = 0;
  bool fits = !__builtin_add_overflow(tensor.storage.first, tensor.offset, &last);
  tensor.count = 1;
  bool empty = false;
  for (std::size_t d = 0; d < tensor.shape.size(); ++d) {
    empty |= tensor.shape[d] == 0;
    if (tensor.shape[d] <= 1) tensor.strides[d] = 0;  // never used
    std::int64_t reach = 0;
    fits = fits && !__builtin_mul_overflow(tensor.count, tensor.shape[d], &tensor.count) &&
           !__builtin_mul_overflow(std::max<std::int64_t>(tensor.shape[d] - 1, 0),
                                   tensor.strides[d], &reach) &&
           !__builtin_add_overflow(last, reach, &last);
  }
  if (empty) {
    tensor.count = 0;
    return;
  }
  if (!fits || last >= tensor.storage.count)
    reject("a tensor that reaches beyond its " + std::to_string(tensor.storage.count) + " numbers");
  if (tensor.count > kMostNumbers) reject("a tensor of more than 2^31 numbers");
}

}  // namespace

const char* name_of(StorageType type) {
  return kTypes[static_cast<std::size_t>(type)].dtype;
}

std::size_t size_of(StorageType type) {
  return kTypes[static_cast<std::size_t>(type)].size;
}

float number_at(StorageType type, const std::byte* at) {
  switch (type) {
    case StorageType::kFloat:
      return load<float>(at);
    case StorageType::kDouble:
      return static_cast<float>(load<double>(at));
    case StorageType::kHalf:
      return half_to_float(load<std::uint16_t>(at));
    case StorageType::kBFloat16:
      return std::bit_cast<float>(std::uint32_t{load<std::uint16_t>(at)} << 16);
    case StorageType::kLong:
      return static_cast<float>(load<std::int64_t>(at));
    case StorageType::kInt:
      return static_cast<float>(load<std::int32_t>(at));
    case StorageType::kShort:
      return load<std::int16_t>(at);
    case StorageType::kChar:
      return load<std::int8_t>(at);
    case StorageType::kByte:
    case StorageType::kBool:
      return load<std::uint8_t>(at);
  }
  return 0;
}

StorageRef storage_of(const Pickle& pickle, const PickleValue& value) {
  const auto& items = value.items;
  if (value.kind != PickleKind::kStorage || items.size() < 5 || pickle[items[0]].text != "storage")
    reject("a tensor without a storage");
  StorageRef storage;
  storage.type = type_of(pickle[items[1]]);
  storage.key = pickle[items[2]].text;
  storage.count = count_of(pickle[items[4]]);
  // Before 1.6: (key, first, size) of a view of the storage, or None.
  if (items.size() > 5 && pickle[items[5]].kind == PickleKind::kTuple) {
    const auto& view = pickle[items[5]].items;
    if (view.size() != 3) reject("a view of a storage that cannot be understood");
    storage.first = count_of(pickle[view[1]]);
  }
  return storage;
}

TensorRef tensor_of(const Pickle& pickle, const PickleValue& value) {
  TensorRef tensor;
  tensor.storage = storage_of(pickle, pickle[value.items.at(0)]);
  tensor.offset = count_of(pickle[value.items.at(1)]);
  tensor.shape = counts_of(pickle, pickle[value.items.at(2)]);
  tensor.strides = counts_of(pickle, pickle[value.items.at(3)]);
  if (tensor.shape.size() != tensor.strides.size()) reject("sizes and strides that do not agree");
  check_inside(tensor);
  return tensor;
}

std::vector<std::pair<std::string, TensorRef>> tensors_of(const Pickle& pickle) {
  const PickleValue* dict = &pickle[pickle.root];
  if (dict->kind != PickleKind::kDict) reject("it holds no state_dict");
  if (const PickleValue* inner = pickle.find(*dict, "state_dict");
      inner != nullptr && inner->kind == PickleKind::kDict)
    dict = inner;
  std::vector<std::pair<std::string, TensorRef>> tensors;
  std::set<std::string> seen;
  for (std::size_t i = 0; i + 1 < dict->items.size(); i += 2) {
    const PickleValue& key = pickle[dict->items[i]];
    const PickleValue& value = pickle[dict->items[i + 1]];
    if (key.kind != PickleKind::kText || value.kind != PickleKind::kTensor) continue;
    constexpr std::string_view kModule = "module.";
    std::string name = key.text.substr(key.text.starts_with(kModule) ? kModule.size() : 0);
    if (!seen.insert(name).second) reject("two tensors of the name '" + name + "'");
    try {
      tensors.emplace_back(name, tensor_of(pickle, value));
    } catch (const PickleError& error) {
      reject("'" + name + "': " + error.what());
    }
  }
  if (tensors.empty()) reject("it holds no state_dict with tensors");
  return tensors;
}

std::vector<float> numbers_of(const TensorRef& tensor, const std::byte* storage) {
  std::vector<float> numbers(static_cast<std::size_t>(tensor.count));
  if (numbers.empty()) return numbers;
  const auto size = static_cast<std::int64_t>(size_of(tensor.storage.type));
  std::vector<std::int64_t> index(tensor.shape.size());
  std::int64_t place = tensor.storage.first + tensor.offset;
  for (float& number : numbers) {
    number = number_at(tensor.storage.type, storage + place * size);
    for (std::size_t d = index.size(); d-- > 0;) {
      place += tensor.strides[d];
      if (++index[d] < tensor.shape[d]) break;
      place -= tensor.strides[d] * tensor.shape[d];
      index[d] = 0;
    }
  }
  return numbers;
}

}  // namespace visema
