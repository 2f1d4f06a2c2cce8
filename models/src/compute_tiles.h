#pragma once

namespace visema {

/// AMX as CPUID reports it. Broken: some hypervisors show the feature without any tile palette, and
/// oneDNN's AMX kernels then die with an illegal instruction.
enum class Tiles { kNone, kUsable, kBroken };
Tiles processor_tiles();

}  // namespace visema
