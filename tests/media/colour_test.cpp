#include <gtest/gtest.h>

#include <array>
#include <utility>

#include "media_files.h"

namespace visema {
namespace {

using namespace test;
using Rgb = std::array<int, 3>;

constexpr Rgb kColours[] = {{255, 0, 0},     {0, 255, 0},    {0, 0, 255},     {128, 128, 128},
                            {255, 255, 255}, {0, 0, 0},      {200, 150, 120}, {20, 90, 160},
                            {90, 60, 50},    {255, 220, 190}};

/// Four patches in a row, then the next four and so on; each 32x32.
Image chart() {
  Image image(32 * std::size(kColours), 32);
  for (int y = 0; y < image.height; ++y)
    for (int x = 0; x < image.width; ++x)
      for (int c = 0; c < 3; ++c)
        image.at(x, y)[c] = static_cast<std::uint8_t>(kColours[x / 32][c]);
  return image;
}

void expect_chart(const Image& image, int tolerance, const std::string& what) {
  ASSERT_EQ(image.width, 32 * static_cast<int>(std::size(kColours))) << what;
  for (std::size_t i = 0; i < std::size(kColours); ++i)
    for (int c = 0; c < 3; ++c)
      EXPECT_NEAR(image.at(static_cast<int>(i) * 32 + 16, image.height / 2)[c], kColours[i][c],
                  tolerance)
          << what << ", colour " << i << ", channel " << c;
}

void write_ppm(const fs::path& path, const Image& image) {
  std::ofstream out(path, std::ios::binary);
  out << "P6\n" << image.width << " " << image.height << "\n255\n";
  out.write(reinterpret_cast<const char*>(image.rgb.data()),
            static_cast<std::streamsize>(image.rgb.size()));
}

TEST(Colour, SurvivesOurOwnFiles) {
  for (const char* name : {"a.mp4", "a.mkv", "a.webm"}) {
    const TempFolder folder;
    const Image picture = chart();
    VideoWriterOptions options;
    options.width = picture.width;
    options.height = picture.height;
    options.crf = 4;
    VideoWriter writer(folder / name, options);
    for (int i = 0; i < 3; ++i) writer.write_video(picture);
    writer.finish();
    expect_chart(read_image(folder / name), 3, name);
  }
}

TEST(Colour, SurvivesTwoGenerations) {
  const TempFolder folder;
  Image picture = chart();
  VideoWriterOptions options;
  options.width = picture.width;
  options.height = picture.height;
  options.crf = 4;
  for (const char* name : {"a.mp4", "b.mp4"}) {
    VideoWriter writer(folder / name, options);
    writer.write_video(picture);
    writer.finish();
    picture = read_image(folder / name);
  }
  expect_chart(picture, 4, "second generation");
}

struct Source {
  const char* name;
  const char* filter;   // makes the pixel format
  const char* encoder;  // and its tags
  int tolerance;
};

class ColourSources : public testing::TestWithParam<Source> {};

TEST_P(ColourSources, GiveTheSameRgb) {
  SKIP_WITHOUT_FFMPEG();
  const Source& source = GetParam();
  const TempFolder folder;
  write_ppm(folder / "chart.ppm", chart());
  const std::string arguments =
      "-i '" + (folder / "chart.ppm").string() + "' -vf " + source.filter + " " + source.encoder;
  ASSERT_TRUE(ffmpeg(arguments, folder / source.name)) << arguments;
  expect_chart(read_image(folder / source.name), source.tolerance, arguments);
}

INSTANTIATE_TEST_SUITE_P(
    All, ColourSources,
    testing::Values(
        Source{"a.png", "format=rgb24", "", 0}, Source{"a.bmp", "format=bgr24", "", 0},
        Source{"a.tiff", "format=rgb48", "", 1}, Source{"a.webp", "format=bgra", "-lossless 1", 1},
        Source{"a.jpg", "scale=out_color_matrix=bt601:out_range=pc,format=yuvj444p", "-q:v 1", 5},
        Source{"a.mp4", "scale=out_color_matrix=bt709:out_range=tv,format=yuv420p",
               "-crf 2 -colorspace bt709 -color_range tv", 3},
        Source{"b.mp4", "scale=out_color_matrix=bt601:out_range=tv,format=yuv420p",
               "-crf 2 -colorspace smpte170m -color_range tv", 3},
        Source{"c.mp4", "scale=out_color_matrix=bt601:out_range=tv,format=yuv420p",
               "-crf 2 -bsf:v h264_metadata=matrix_coefficients=2", 3},
        Source{"d.mp4", "scale=out_color_matrix=bt709:out_range=pc,format=yuv420p",
               "-crf 2 -colorspace bt709 -color_range pc", 3},
        Source{"e.mp4", "scale=out_color_matrix=bt601:out_range=pc,format=yuv444p",
               "-crf 2 -colorspace bt470bg -color_range pc", 3},
        Source{
            "f.mp4", "scale=out_color_matrix=bt2020:out_range=tv,format=yuv420p10le",
            "-c:v libx265 -x265-params log-level=none:crf=2 -colorspace bt2020nc -color_range tv",
            3},
        Source{"g.mp4", "scale=out_color_matrix=bt709:out_range=tv,format=yuv422p",
               "-crf 2 -colorspace bt709 -color_range tv", 3},
        Source{"h.mkv", "scale=out_color_matrix=bt709:out_range=tv,format=yuv444p",
               "-c:v ffv1 -colorspace bt709 -color_range tv", 3},
        Source{"i.mkv", "format=gbrp", "-c:v ffv1", 0},
        Source{"j.webm", "scale=out_color_matrix=bt709:out_range=tv,format=yuv420p",
               "-c:v libvpx-vp9 -crf 4 -b:v 0 -colorspace bt709 -color_range tv", 4}));

TEST(Colour, GreyStaysGrey) {
  SKIP_WITHOUT_FFMPEG();
  for (const char* arguments :
       {"-vf format=gray -frames:v 1 -f image2 -c:v png",
        "-vf scale=out_range=tv,format=gray -color_range tv -c:v ffv1 -f matroska"}) {
    const TempFolder folder;
    write_ppm(folder / "grey.ppm", patch(64, 64, 77, 77, 77));
    ASSERT_TRUE(ffmpeg("-i '" + (folder / "grey.ppm").string() + "' " + arguments, folder / "a"));
    const Image image = read_image(folder / "a");
    for (int c = 0; c < 3; ++c) EXPECT_NEAR(image.at(30, 30)[c], 77, 1) << arguments;
  }
}

TEST(Colour, TransparencyLiesOnGrey) {
  SKIP_WITHOUT_FFMPEG();
  const TempFolder folder;
  ASSERT_TRUE(
      ffmpeg("-f lavfi -i color=red@0.0:s=32x32,format=rgba -frames:v 1", folder / "a.png"));
  const Image clear = read_image(folder / "a.png");
  for (int c = 0; c < 3; ++c) EXPECT_EQ(clear.at(5, 5)[c], 128);
  ASSERT_TRUE(
      ffmpeg("-f lavfi -i color=red@0.5:s=32x32,format=rgba -frames:v 1", folder / "b.png"));
  const Image half = read_image(folder / "b.png");
  EXPECT_NEAR(half.at(5, 5)[0], 191, 2);
  EXPECT_NEAR(half.at(5, 5)[1], 64, 2);
}

}  // namespace
}  // namespace visema
