#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "torch_pickle.h"

namespace visema {

enum class StorageType {
  kFloat,
  kDouble,
  kHalf,
  kBFloat16,
  kLong,
  kInt,
  kShort,
  kChar,
  kByte,
  kBool
};

/// Bytes of a number.
std::size_t size_of(StorageType type);
/// As safetensors spells it.
const char* name_of(StorageType type);
float number_at(StorageType type, const std::byte* at);

/// Numbers in a row that tensors are views of.
struct StorageRef {
  std::string key;
  StorageType type = StorageType::kFloat;
  std::int64_t count = 0;
  std::int64_t first = 0;  // of a view of it
};

/// A tensor as a pickle describes it, checked to lie inside its storage.
struct TensorRef {
  StorageRef storage;
  std::int64_t offset = 0;
  std::vector<std::int64_t> shape;
  std::vector<std::int64_t> strides;
  std::int64_t count = 0;  // of numbers
};

/// Throw PickleError.
StorageRef storage_of(const Pickle& pickle, const PickleValue& value);
TensorRef tensor_of(const Pickle& pickle, const PickleValue& value);

/// The tensors of a state_dict, in its order, "module." removed from their names.
std::vector<std::pair<std::string, TensorRef>> tensors_of(const Pickle& pickle);

/// The tensor's numbers in row-major order; `storage` holds storage.count numbers.
std::vector<float> numbers_of(const TensorRef& tensor, const std::byte* storage);

}  // namespace visema
