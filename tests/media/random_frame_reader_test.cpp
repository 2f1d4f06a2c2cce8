#include "visema/media/random_frame_reader.h"

#include <gtest/gtest.h>

#include <random>

#include "media_files.h"

namespace visema {
namespace {

using namespace test;

struct Material {
  const char* name;
  const char* arguments;  // for ffmpeg after the source
};

class RandomAccess : public testing::TestWithParam<Material> {};

TEST_P(RandomAccess, EqualsSequential) {
  SKIP_WITHOUT_FFMPEG();
  const TempFolder folder;
  const auto path = folder / GetParam().name;
  ASSERT_TRUE(
      ffmpeg(std::string("-f lavfi -i testsrc=s=96x64:r=25:d=5 ") + GetParam().arguments, path));
  VideoReader reader(path);
  const auto frames = read_all(reader);
  RandomFrameReader random(path);
  const auto count = static_cast<FrameIndex>(frames.size());
  ASSERT_EQ(random.frame_count(), count);
  ASSERT_GT(count, 60);
  const auto expect = [&](FrameIndex i) {
    const VideoFrame frame = random.at(i);
    ASSERT_EQ(frame.index, i);
    ASSERT_EQ(frame.image.rgb, frames[i].image.rgb) << "frame " << i;
    ASSERT_NEAR(frame.time_s, frames[i].time_s, 1e-6) << "frame " << i;
  };
  for (FrameIndex i = 0; i < count; ++i) expect(i);
  for (FrameIndex i = count - 1; i >= 0; --i) expect(i);
  for (FrameIndex i = 0; i < 20; ++i) expect(i);
  std::mt19937 generator(3);
  for (int k = 0; k < 40; ++k) expect(static_cast<FrameIndex>(generator() % count));
  for (FrameIndex i = 30; i < 50; ++i) expect(i);
  for (FrameIndex i = 50; i > 10; i -= 3) expect(i);
}

INSTANTIATE_TEST_SUITE_P(
    All, RandomAccess,
    testing::Values(Material{"long_gop.mp4", "-g 250 -bf 3"},
                    Material{"short_gop.mp4", "-g 5 -bf 2"},
                    Material{"open_gop.mp4", "-g 12 -bf 3 -x264-params open-gop=1:scenecut=0"},
                    Material{"every.mp4", "-g 1"},
                    Material{"vfr.mp4", "-vf select='mod(n\\,3)' -vsync vfr"},
                    Material{"a.mkv", "-g 20 -bf 3"}, Material{"a.mov", "-g 20 -bf 2"},
                    Material{"a.avi", "-c:v mpeg4 -g 12 -bf 2"},
                    Material{"a.mpg", "-c:v mpeg2video -g 12 -bf 2"},
                    Material{"a.ts", "-g 25 -bf 2"}, Material{"a.flv", "-g 25"},
                    Material{"a.webm", "-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -g 30"},
                    Material{"hevc.mp4", "-c:v libx265 -x265-params log-level=none:keyint=15"},
                    Material{"raw.h264", "-g 25 -bf 2 -f h264"}, Material{"a.gif", ""},
                    Material{"mjpeg.avi", "-c:v mjpeg"}, Material{"a.y4m", "-pix_fmt yuv420p"}));

TEST(RandomFrameReader, TellsWhichFramesThereAre) {
  const TempFolder folder;
  VideoWriterOptions options;
  options.width = options.height = 64;
  write_clip(folder / "a.mp4", options, 30);
  RandomFrameReader reader(folder / "a.mp4");
  EXPECT_EQ(reader.frame_count(), 30);
  EXPECT_EQ(error_of([&] { reader.at(30); }), ErrorCode::kInternal);
  EXPECT_EQ(error_of([&] { reader.at(-1); }), ErrorCode::kInternal);
  EXPECT_EQ(number_in(reader.at(29).image), 29 % kNumbers);
}

TEST(RandomFrameReader, FollowsAnEditList) {
  SKIP_WITHOUT_FFMPEG();
  const TempFolder folder;
  ASSERT_TRUE(ffmpeg("-f lavfi -i testsrc=s=96x64:r=25:d=4 -g 50", folder / "whole.mp4"));
  // Copying from 1 s keeps the frames from the keyframe on and hides them by an edit list.
  ASSERT_TRUE(
      ffmpeg("-ss 1 -i '" + (folder / "whole.mp4").string() + "' -c copy", folder / "cut.mp4"));
  VideoReader reader(folder / "cut.mp4");
  const auto frames = read_all(reader);
  RandomFrameReader random(folder / "cut.mp4");
  ASSERT_EQ(random.frame_count(), static_cast<FrameIndex>(frames.size()));
  for (FrameIndex i = random.frame_count() - 1; i >= 0; i -= 9)
    EXPECT_EQ(random.at(i).image.rgb, frames[i].image.rgb) << i;
}

}  // namespace
}  // namespace visema
