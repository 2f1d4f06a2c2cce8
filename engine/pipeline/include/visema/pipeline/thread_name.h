#pragma once

#include <string>

namespace visema {

/// Names the calling thread for debuggers and profilers, where the system can.
void name_this_thread(const std::string& name);

}  // namespace visema
