#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace visema {

/// Index of a value in its Pickle.
using PickleRef = std::uint32_t;

enum class PickleKind {
  kNone,
  kBool,     // integer
  kInteger,  // integer
  kFloat,
  kText,     // text; bytes too
  kTuple,    // items
  kList,     // items
  kDict,     // items: key, value, key, value ...
  kGlobal,   // text: "torch._utils._rebuild_tensor_v2"
  kStorage,  // items of its persistent id: "storage", type, key, location, size[, view]
  kTensor,   // items: storage, offset, sizes, strides[, ...]
};

struct PickleValue {
  PickleKind kind = PickleKind::kNone;
  std::int64_t integer = 0;
  std::string text;
  std::vector<PickleRef> items;
};

/// What a pickle of torch.save holds. Values may refer to each other in circles.
struct Pickle {
  std::vector<PickleValue> values;
  PickleRef root = 0;

  const PickleValue& operator[](PickleRef ref) const { return values[ref]; }
  /// The value of a key in a dict, null when it is absent or `dict` is none.
  const PickleValue* find(const PickleValue& dict, std::string_view key) const;
};

/// Why a pickle cannot be read; the caller adds the file.
class PickleError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Reads one pickle of tensors, numbers, texts and containers of those from the front of `bytes`
/// and moves `bytes` behind it. Nothing is executed: the only callables known are those that
/// torch.save writes for tensors, parameters and OrderedDict, and what they would make is
/// described, not made. Throws PickleError that names any other. Memory is bounded by the size of
/// the input and by a million values.
Pickle read_pickle(std::span<const std::byte>& bytes);

}  // namespace visema
