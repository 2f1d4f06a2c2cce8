#pragma once

#include <span>
#include <string>

#include "clip_list.h"
#include "pack_writer.h"

namespace visema::session {

/// What a training pack is made of, in Markdown: minutes, persons and licences of every source as
/// its list declares them, and what was left out and why. `entries` and `clips` are in one order.
std::string data_card(std::span<const ClipEntry> entries, std::span<const ClipData> clips,
                      const std::string& pack_sha256);

}  // namespace visema::session
