#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "pack_reader.h"
#include "visema/models/compute.h"

namespace visema::training {

/// Frames of 40 ms by which the sound of each clip of a split is late, by clip id, as a sync
/// network hears it. A clip of at least two seconds that the network is sure of has an offset of
/// its own; the others take that of all clips of their person together, where that is sure, else 0.
std::map<std::string, double> measure_offsets(PackReader& pack, bool training,
                                              const std::filesystem::path& weights,
                                              const Compute& compute);

}  // namespace visema::training
