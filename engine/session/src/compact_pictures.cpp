#include "compact_pictures.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <iterator>

#include "compact_files.h"
#include "visema/core/error.h"
#include "visema/media/video_writer.h"

namespace visema::session {
namespace {

constexpr const char* kPreset = "slow";

std::uint8_t to_byte(float value) {
  return static_cast<std::uint8_t>(std::clamp(std::lround(value), 0L, 255L));
}

struct Yuv {
  float y = 0, cb = 0, cr = 0;
};

/// JFIF 1.02.
Yuv yuv_of(const std::uint8_t* rgb) {
  const float r = rgb[0], g = rgb[1], b = rgb[2];
  const float y = 0.299F * r + 0.587F * g + 0.114F * b;
  return {y, (b - y) / 1.772F, (r - y) / 1.402F};
}

std::vector<std::byte> bytes_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::vector<std::byte> bytes(size_of(path));
  if (!file.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size())))
    throw Error(ErrorCode::kOutput, path.string() + ": cannot be read back");
  return bytes;
}

}  // namespace

std::vector<std::uint8_t> colour_planes(std::span<const std::uint8_t> rgb, int width, int height) {
  const auto wide = static_cast<std::size_t>(width);
  const std::size_t luma = wide * static_cast<std::size_t>(height);
  std::vector<std::uint8_t> out(luma + luma / 2);
  for (std::size_t y = 0; y < static_cast<std::size_t>(height); y += 2) {
    for (std::size_t x = 0; x < wide; x += 2) {
      float cb = 0, cr = 0;
      for (const std::size_t at :
           {y * wide + x, y * wide + x + 1, (y + 1) * wide + x, (y + 1) * wide + x + 1}) {
        const Yuv pixel = yuv_of(&rgb[at * 3]);
        out[at] = to_byte(pixel.y);
        cb += pixel.cb / 4;
        cr += pixel.cr / 4;
      }
      std::uint8_t* chroma = &out[luma + y / 2 * wide + x / 2];
      chroma[0] = to_byte(cb + 128);
      chroma[wide / 2] = to_byte(cr + 128);
    }
  }
  return out;
}

std::vector<std::byte> encode_grey(std::span<const std::uint8_t> pictures, int width, int height,
                                   int crf, const std::filesystem::path& scratch) {
  const std::size_t pixels = static_cast<std::size_t>(width) * static_cast<std::size_t>(height);
  VideoWriterOptions options;
  options.width = width;
  options.height = height;
  options.fps = {25, 1};
  options.crf = crf;
  options.preset = kPreset;
  VideoWriter writer(scratch, options);
  Image image(width, height);
  for (std::size_t first = 0; first < pictures.size(); first += pixels) {
    for (std::size_t i = 0; i < pixels; ++i) std::fill_n(&image.rgb[i * 3], 3, pictures[first + i]);
    writer.write_video(image);
  }
  writer.finish();
  std::vector<std::byte> bytes = bytes_of(scratch);
  remove_file(scratch);
  return bytes;
}

}  // namespace visema::session
