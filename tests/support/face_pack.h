#pragma once

#include <filesystem>

namespace visema::test {

/// Adds whole faces, as visema prepare --faces does, to every clip of a pack of
/// write_speech_pack(): `count` faces of one colour, a person's own, with a mouth that is darker
/// and opens at random.
void add_whole_faces(const std::filesystem::path& pack, int count);

}  // namespace visema::test
