#include "renderer_sheet.h"

#include <cstdint>
#include <fstream>
#include <vector>

#include "visema/core/error.h"

namespace visema::training {
namespace {

constexpr std::uint32_t kFileHeader = 14;
constexpr std::uint32_t kPictureHeader = 40;

void append(std::vector<char>& bytes, std::uint32_t value, int count) {
  for (int i = 0; i < count; ++i) bytes.push_back(static_cast<char>(value >> (8 * i) & 0xFFU));
}

}  // namespace

void write_bmp(const std::filesystem::path& path, const Image& image) {
  const std::size_t row = (3 * static_cast<std::size_t>(image.width) + 3) / 4 * 4;
  const auto size = static_cast<std::uint32_t>(row * static_cast<std::size_t>(image.height));
  std::vector<char> bytes = {'B', 'M'};
  append(bytes, kFileHeader + kPictureHeader + size, 4);
  append(bytes, 0, 4);
  append(bytes, kFileHeader + kPictureHeader, 4);
  append(bytes, kPictureHeader, 4);
  append(bytes, static_cast<std::uint32_t>(image.width), 4);
  append(bytes, static_cast<std::uint32_t>(-image.height), 4);  // negative: from the top
  append(bytes, 1, 2);                                          // plane
  append(bytes, 24, 2);
  append(bytes, 0, 4);  // not compressed
  append(bytes, size, 4);
  append(bytes, 2835, 4);  // pixels a metre
  append(bytes, 2835, 4);
  append(bytes, 0, 4);  // no palette
  append(bytes, 0, 4);
  for (int y = 0; y < image.height; ++y) {
    for (int x = 0; x < image.width; ++x) {
      const std::uint8_t* pixel = image.at(x, y);
      for (const int c : {2, 1, 0}) bytes.push_back(static_cast<char>(pixel[c]));
    }
    bytes.resize(bytes.size() + row - 3 * static_cast<std::size_t>(image.width));
  }
  const auto part = std::filesystem::path(path.string() + ".tmp");
  std::ofstream file(part, std::ios::binary);
  file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  if (!file.flush()) throw Error(ErrorCode::kOutput, part.string() + ": cannot be written");
  file.close();
  std::filesystem::rename(part, path);
}

}  // namespace visema::training
