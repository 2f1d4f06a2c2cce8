#pragma once

#include "visema/session/facade.h"

namespace visema::cli {

/// Loads libvisema, and with it LibTorch, which takes half a second. Once loaded it stays.
/// Throws Error(kInternal) when it cannot be loaded or belongs to another version.
const session::Facade& load_engine();

}  // namespace visema::cli
