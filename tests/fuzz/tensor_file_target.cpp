#include "targets.h"
#include "visema/core/error.h"
#include "visema/models/tensor_file.h"

namespace visema::fuzz {
namespace {

template <typename Read>
void try_reading(const Read& read) {
  try {
    read();
  } catch (const Error&) {
  }
}

}  // namespace

void tensor_file(std::span<const std::byte> bytes) try {
  const TensorFile file = TensorFile::from_bytes({bytes.begin(), bytes.end()}, "fuzz");
  std::size_t sum = 0;
  for (const auto& name : file.names()) {
    require(file.contains(name), "a file contains what it names");
    const Tensor tensor = file.get(name);
    std::size_t count = 1;
    for (const auto side : tensor.shape) count *= static_cast<std::size_t>(side);
    require(tensor.bytes.size() == count * dtype_size(tensor.dtype), "shape and size agree");
    for (const std::byte byte : tensor.bytes) sum += static_cast<std::size_t>(byte);
    require(file.offset_in_file(name) + tensor.bytes.size() <= bytes.size(), "inside the file");
    try_reading([&] { sum += file.floats(name).size(); });
    try_reading([&] { sum += file.integers(name).size(); });
  }
  require(!file.contains("\xff no such tensor"), "no tensor of a name that is not there");
  require(sum != SIZE_MAX, "every byte can be read");
} catch (const Error&) {
}

}  // namespace visema::fuzz
