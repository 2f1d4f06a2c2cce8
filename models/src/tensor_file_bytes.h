#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "visema/models/tensor_file.h"

namespace visema {

/// The bytes of the file that write_tensor_file() would write, to keep it inside another one.
std::vector<std::byte> tensor_file_bytes(const std::map<std::string, Tensor>& tensors,
                                         const std::map<std::string, std::string>& metadata = {});

}  // namespace visema
