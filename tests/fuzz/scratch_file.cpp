#include "scratch_file.h"

#include <stdlib.h>

#include <fstream>
#include <string>

#include "targets.h"

namespace visema::fuzz {

ScratchFolder::ScratchFolder() {
  std::error_code ignored;
  const bool memory = std::filesystem::is_directory("/dev/shm", ignored);
  std::string name =
      ((memory ? "/dev/shm" : std::filesystem::temp_directory_path()) / "visema-fuzz-XXXXXX")
          .string();
  require(mkdtemp(name.data()) != nullptr, "a scratch folder can be made");
  path_ = name;
}

ScratchFolder::~ScratchFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

void write_bytes(const std::filesystem::path& path, std::span<const std::byte> bytes) {
  std::ofstream file(path, std::ios::binary);
  file.write(reinterpret_cast<const char*>(bytes.data()),
             static_cast<std::streamsize>(bytes.size()));
  require(static_cast<bool>(file.flush()), "the scratch folder can be written");
}

}  // namespace visema::fuzz
