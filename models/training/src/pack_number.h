#pragma once

#include <cstdlib>

#include "pack_reader.h"

namespace visema::training {

/// What a number can hold of a pack's checksum, for checkpoints: the first 48 bits.
inline double pack_number(const PackReader& pack) {
  return static_cast<double>(std::strtoull(pack.sha256().substr(0, 12).c_str(), nullptr, 16));
}

}  // namespace visema::training
