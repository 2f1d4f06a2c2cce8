#include <algorithm>

#include "targets.h"
#include "visema/core/error.h"
#include "visema/models/torch_checkpoint.h"

namespace visema::fuzz {
namespace {

constexpr std::size_t kSmall = 1 << 16;  // strides of 0 make tensors larger than their file

}  // namespace

void torch_checkpoint(std::span<const std::byte> bytes) try {
  const TorchCheckpoint file = TorchCheckpoint::from_bytes({bytes.begin(), bytes.end()}, "fuzz");
  require(!file.names().empty(), "a checkpoint has tensors");
  for (const auto& name : file.names()) {
    require(file.contains(name), "a file contains what it names");
    std::size_t count = 1;
    for (const auto side : file.shape(name)) {
      require(side >= 0, "sizes are counts");
      count = side == 0 ? 0 : std::min(kSmall, count * std::min<std::size_t>(side, kSmall));
    }
    if (count >= kSmall) continue;
    try {
      require(file.floats(name).size() == count, "shape and numbers agree");
    } catch (const Error&) {
    }
  }
} catch (const Error&) {
}

}  // namespace visema::fuzz
