#include "png.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "visema/media/video_reader.h"

namespace visema {
namespace {

class PngTest : public ::testing::TestWithParam<std::pair<int, int>> {};
INSTANTIATE_TEST_SUITE_P(Sizes, PngTest,
                         ::testing::Values(std::pair(1, 1), std::pair(3, 5), std::pair(320, 7),
                                           std::pair(257, 300)));

TEST_P(PngTest, ReadsBackAsItWas) {
  Image image;
  image.width = GetParam().first;
  image.height = GetParam().second;
  for (int i = 0; i < image.width * image.height * 3; ++i)
    image.rgb.push_back(static_cast<std::uint8_t>(i * 7 + i / 11));
  const auto path = std::filesystem::temp_directory_path() /
                    ("visema-png-" + std::to_string(::getpid()) + ".png");
  std::ofstream(path, std::ios::binary) << png_of(image);
  const auto frame = VideoReader(path).read();
  std::filesystem::remove(path);
  ASSERT_TRUE(frame);
  EXPECT_EQ(frame->image.width, image.width);
  EXPECT_EQ(frame->image.height, image.height);
  EXPECT_EQ(frame->image.rgb, image.rgb);
}

TEST(PngTest, DataUriIsBase64) {
  Image image;
  image.width = image.height = 1;
  image.rgb = {1, 2, 3};
  const std::string uri = data_uri_of(image);
  EXPECT_TRUE(uri.starts_with("data:image/png;base64,iVBORw0KGgo")) << uri;
  EXPECT_EQ((uri.size() - uri.find(',') - 1) % 4, 0U);
}

}  // namespace
}  // namespace visema
