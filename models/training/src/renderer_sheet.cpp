#include "renderer_sheet.h"

#include <fstream>

#include "visema/core/error.h"

namespace visema::training {

void write_ppm(const std::filesystem::path& path, const Image& image) {
  std::ofstream file(path, std::ios::binary);
  file << "P6\n" << image.width << ' ' << image.height << "\n255\n";
  file.write(reinterpret_cast<const char*>(image.rgb.data()),
             static_cast<std::streamsize>(image.rgb.size()));
  if (!file.flush()) throw Error(ErrorCode::kOutput, path.string() + ": cannot be written");
}

}  // namespace visema::training
