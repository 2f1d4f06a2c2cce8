#include "visema/media/video_reader.h"

#include <gtest/gtest.h>

#include "media_files.h"
#include "visema/media/probe.h"
#include "visema/media/random_frame_reader.h"

namespace visema {
namespace {

using namespace test;

VideoWriterOptions small(int rate_hz = 0) {
  VideoWriterOptions options;
  options.width = 160;
  options.height = 96;
  options.audio_rate_hz = rate_hz;
  options.audio_channels = rate_hz > 0 ? 1 : 0;
  return options;
}

TEST(VideoReader, TellsWhatTheFileIs) {
  const TempFolder folder;
  VideoWriterOptions options = small(16000);
  options.fps = {30000, 1001};
  write_clip(folder / "a.mp4", options, 45, 24000);
  const VideoInfo info = VideoReader(folder / "a.mp4").info();
  EXPECT_EQ(info.width, 160);
  EXPECT_EQ(info.height, 96);
  EXPECT_EQ(info.fps, (Rational{30000, 1001}));
  EXPECT_FALSE(info.variable_frame_rate);
  EXPECT_NEAR(info.duration_s, 1.5015, 0.01);
  EXPECT_EQ(info.frame_count_estimate, 45);
  EXPECT_TRUE(info.has_audio);
  EXPECT_FALSE(info.still);
  EXPECT_EQ(info.codec, "h264");
}

TEST(VideoReader, ThreadsChangeNothing) {
  const TempFolder folder;
  write_clip(folder / "a.mp4", small(), 40);
  VideoReader one(folder / "a.mp4");
  VideoReader four(folder / "a.mp4", {4});
  const auto a = read_all(one);
  const auto b = read_all(four);
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i) EXPECT_EQ(a[i].image.rgb, b[i].image.rgb);
}

/// Quarters of red, green, blue and white, clockwise from the top left.
constexpr const char* kQuarters =
    "-f lavfi -i \"color=red:s=64x40:d=0.2,format=rgb24,"
    "drawbox=32:0:32:20:lime:fill,drawbox=32:20:32:20:blue:fill,drawbox=0:20:32:20:white:fill\"";

/// The quarters from the top left clockwise, as letters.
std::string quarters(const Image& image) {
  std::string letters;
  const int w = image.width;
  const int h = image.height;
  for (const auto& [x, y] :
       {std::pair{w / 4, h / 4}, {3 * w / 4, h / 4}, {3 * w / 4, 3 * h / 4}, {w / 4, 3 * h / 4}}) {
    const std::uint8_t* p = image.at(x, y);
    const bool r = p[0] > 128, g = p[1] > 128, b = p[2] > 128;
    letters += r && g && b ? 'w' : r ? 'r' : g ? 'g' : b ? 'b' : '?';
  }
  return letters;
}

TEST(VideoReader, TurnsAsTheDisplayMatrixSays) {
  SKIP_WITHOUT_FFMPEG();
  const TempFolder folder;
  ASSERT_TRUE(ffmpeg(std::string(kQuarters) + " -pix_fmt yuv444p -crf 5", folder / "0.mp4"));
  EXPECT_EQ(quarters(read_image(folder / "0.mp4")), "rgbw");
  const std::string source = "-i '" + (folder / "0.mp4").string() + "' -c copy ";
  for (const auto& [degrees, expected] : {std::pair{90, "gbwr"}, {180, "bwrg"}, {270, "wrgb"}}) {
    const auto path = folder / (std::to_string(degrees) + ".mp4");
    ASSERT_TRUE(ffmpeg(source + "-metadata:s:v rotate=" + std::to_string(degrees), path));
    VideoReader reader(path);
    EXPECT_EQ(reader.info().width, degrees == 180 ? 64 : 40);
    EXPECT_EQ(reader.info().height, degrees == 180 ? 40 : 64);
    const Image image = reader.read()->image;
    EXPECT_EQ(image.width, reader.info().width);
    const fs::path shown = folder / (std::to_string(degrees) + ".png");
    ASSERT_TRUE(ffmpeg("-i '" + path.string() + "' -frames:v 1", shown));
    EXPECT_EQ(quarters(image), quarters(read_image(shown))) << degrees;  // as ffmpeg shows it
    EXPECT_EQ(quarters(image), expected) << degrees;
  }
}

TEST(VideoReader, TurnsAsExifSays) {
  SKIP_WITHOUT_FFMPEG();
  const TempFolder folder;
  ASSERT_TRUE(ffmpeg(std::string(kQuarters) + " -frames:v 1 -update 1 -q:v 2", folder / "a.jpg"));
  std::ifstream in(folder / "a.jpg", std::ios::binary);
  const std::string jpeg((std::istreambuf_iterator<char>(in)), {});
  // TIFF 6.0, tag 0x112: 1 upright, 3 half a turn, 6 and 8 a quarter, 2 and 5 mirrored.
  for (const auto& [tag, expected] :
       {std::pair{1, "rgbw"}, {3, "bwrg"}, {6, "wrgb"}, {8, "gbwr"}, {2, "grwb"}, {5, "rwbg"}}) {
    std::string exif(
        "\xff\xe1\0\x22"
        "Exif\0\0MM\0\x2a\0\0\0\x08\0\1\1\x12\0\3\0\0\0\1\0?\0\0\0\0\0\0",
        36);
    exif[29] = static_cast<char>(tag);
    write_text(folder / "b.jpg", jpeg.substr(0, 2) + exif + jpeg.substr(2));
    const Image image = read_image(folder / "b.jpg");
    EXPECT_EQ(image.width, tag < 5 ? 64 : 40) << tag;
    EXPECT_EQ(quarters(image), expected) << tag;
  }
}

TEST(VideoReader, TakesNoCoverForAPicture) {
  SKIP_WITHOUT_FFMPEG();
  const TempFolder folder;
  ASSERT_TRUE(ffmpeg("-f lavfi -i color=red:s=64x64 -frames:v 1", folder / "cover.png"));
  ASSERT_TRUE(ffmpeg("-f lavfi -i sine=d=1 -i '" + (folder / "cover.png").string() +
                         "' -map 0 -map 1 -c:v copy -disposition:v attached_pic",
                     folder / "a.mp3"));
  std::string message;
  EXPECT_EQ(error_of([&] { VideoReader reader(folder / "a.mp3"); }, &message), ErrorCode::kInput);
  EXPECT_NE(message.find("no picture"), std::string::npos) << message;
  EXPECT_EQ(AudioReader(folder / "a.mp3").info().channels, 1);
}

TEST(VideoReader, TakesOddSizes) {
  SKIP_WITHOUT_FFMPEG();
  const TempFolder folder;
  for (const char* format : {"yuv420p", "yuv422p", "yuv440p", "yuv444p", "yuv420p10le", "gray"}) {
    const auto path = folder / (std::string(format) + ".mkv");
    ASSERT_TRUE(ffmpeg("-f lavfi -i nullsrc=s=33x17:d=0.1,format=" + std::string(format) +
                           (std::string(format) == "yuv420p10le" ? ",geq=lum=400:cb=600:cr=440"
                                                                 : ",geq=lum=100:cb=150:cr=110") +
                           " -c:v ffv1",
                       path));
    VideoReader reader(path);
    const Image image = reader.read()->image;
    ASSERT_EQ(image.width, 33);
    ASSERT_EQ(image.height, 17);
    for (int y = 0; y < 17; ++y)
      for (int x = 0; x < 33; ++x)
        for (int c = 0; c < 3; ++c)
          ASSERT_NEAR(image.at(x, y)[c], image.at(0, 0)[c], 1) << format << " " << x << " " << y;
  }
}

TEST(VideoReader, StretchesToSquarePixels) {
  SKIP_WITHOUT_FFMPEG();
  const TempFolder folder;
  ASSERT_TRUE(ffmpeg("-f lavfi -i testsrc=s=72x64:d=0.2,setsar=4/3", folder / "a.mp4"));
  const VideoInfo info = VideoReader(folder / "a.mp4").info();
  EXPECT_EQ(info.width, 96);
  EXPECT_EQ(info.height, 64);
}

TEST(VideoReader, KeepsVariableTimes) {
  SKIP_WITHOUT_FFMPEG();
  const TempFolder folder;
  for (const char* name : {"a.mp4", "a.mkv"}) {
    // Frames 0..9 at 25 frames a second, then three times as slow, starting at 5 s.
    ASSERT_TRUE(
        ffmpeg("-f lavfi -i testsrc=s=64x64:r=25:d=0.8 -vf "
               "\"settb=1/1000,setpts='5000+if(lt(N,10),40*N,400+120*(N-10))'\" -vsync vfr",
               folder / name));
    VideoReader reader(folder / name);
    EXPECT_TRUE(reader.info().variable_frame_rate) << name;
    const auto frames = read_all(reader);
    ASSERT_EQ(frames.size(), 20u) << name;
    for (int i = 0; i < 20; ++i)
      EXPECT_NEAR(frames[i].time_s, i < 10 ? 0.04 * i : 0.4 + 0.12 * (i - 10), 0.0011)
          << name << " " << i;
  }
}

TEST(VideoReader, CountsTimesThatDoNotRise) {
  SKIP_WITHOUT_FFMPEG();
  const TempFolder folder;
  ASSERT_TRUE(ffmpeg("-f lavfi -i testsrc=s=64x64:r=25:d=0.8 -bf 0", folder / "good.mp4"));
  const std::string copy = "-i '" + (folder / "good.mp4").string() + "' -c copy ";
  const auto move_frame_9 = [&](int frames) {
    return copy + "-bsf:v \"setts=dts=DTS:pts='PTS+if(eq(N,9)," + std::to_string(frames) +
           ",0)*DURATION'\"";
  };
  ASSERT_TRUE(ffmpeg(move_frame_9(1), folder / "equal.mp4"));
  ASSERT_TRUE(ffmpeg(move_frame_9(3), folder / "back.mp4"));
  ASSERT_TRUE(ffmpeg(move_frame_9(3), folder / "back.mkv"));
  ASSERT_TRUE(ffmpeg(copy + "-f h264", folder / "none.h264"));
  for (const auto& [name, errors] : {std::pair{"good.mp4", 0},
                                     {"equal.mp4", 1},
                                     {"back.mp4", 1},
                                     {"back.mkv", 1},
                                     {"none.h264", 20}}) {
    VideoReader reader(folder / name);
    const auto frames = read_all(reader);
    ASSERT_EQ(frames.size(), 20u) << name;
    EXPECT_EQ(reader.pts_errors(), errors) << name;
    for (std::size_t i = 1; i < frames.size(); ++i)
      EXPECT_GT(frames[i].time_s, frames[i - 1].time_s) << name << " " << i;
  }
}

TEST(VideoReader, OpensPicturesAsOneFrame) {
  SKIP_WITHOUT_FFMPEG();
  const TempFolder folder;
  for (const char* name : {"a.png", "a.jpg", "a.bmp", "a.webp", "a b.png", "a:b.png", "a%03d.png",
                           "-a.png", "\xc3\xa9\xe4\xb8\xad.jpg", "a*[1]?.png", "subfile,x.png"}) {
    ASSERT_TRUE(
        ffmpeg("-f lavfi -i color=0x3c78b4:s=48x32,format=gbrp,crop=47:31 -frames:v 1 -update 1 -f "
               "image2 -c:v " +
                   std::string(fs::path(name).extension() == ".jpg"    ? "mjpeg"
                               : fs::path(name).extension() == ".bmp"  ? "bmp"
                               : fs::path(name).extension() == ".webp" ? "libwebp"
                                                                       : "png"),
               folder / "plain"))
        << name;
    fs::rename(folder / "plain", folder / name);
    EXPECT_TRUE(is_still_image(folder / name)) << name;
    VideoReader reader(folder / name);
    EXPECT_TRUE(reader.info().still);
    EXPECT_FALSE(reader.info().has_audio);
    const auto frames = read_all(reader);
    ASSERT_EQ(frames.size(), 1u) << name;
    EXPECT_EQ(frames[0].image.width, 47);
    EXPECT_EQ(frames[0].image.height, 31);
    EXPECT_NEAR(frames[0].image.at(20, 10)[2], 0xb4, 4) << name;
    RandomFrameReader random(folder / name);
    EXPECT_EQ(random.frame_count(), 1);
    EXPECT_EQ(random.at(0).image.rgb, frames[0].image.rgb);
    EXPECT_EQ(random.at(0).image.rgb, frames[0].image.rgb);
  }
}

TEST(VideoReader, TellsStillFromMoving) {
  SKIP_WITHOUT_FFMPEG();
  const TempFolder folder;
  ASSERT_TRUE(ffmpeg("-f lavfi -i testsrc=s=32x32:d=0.4:r=10", folder / "moving.gif"));
  ASSERT_TRUE(ffmpeg("-f lavfi -i testsrc=s=32x32:r=10 -frames:v 1", folder / "still.gif"));
  EXPECT_FALSE(is_still_image(folder / "moving.gif"));
  EXPECT_TRUE(is_still_image(folder / "still.gif"));
  write_clip(folder / "a.mp4", small(), 1);
  EXPECT_FALSE(is_still_image(folder / "a.mp4"));
}

TEST(VideoReader, TakesOnePixel) {
  const TempFolder folder;
  write_text(folder / "a.ppm", std::string("P6\n1 1\n255\n\x0a\x14\x1e", 14));
  const Image image = read_image(folder / "a.ppm");
  ASSERT_EQ(image.width, 1);
  EXPECT_EQ(image.rgb, (std::vector<std::uint8_t>{10, 20, 30}));
}

TEST(VideoReader, RefusesHugePictures) {
  const TempFolder folder;
  std::string message;
  for (const char* size : {"10000 10000", "8193 1", "1 8193", "60000 60000"}) {
    write_text(folder / "a.ppm", "P6\n" + std::string(size) + "\n255\nabcdefgh");
    EXPECT_EQ(error_of([&] { read_image(folder / "a.ppm"); }, &message), ErrorCode::kInput) << size;
    EXPECT_NE(message.find("a.ppm"), std::string::npos) << message;
    EXPECT_NE(message.find("8192"), std::string::npos) << message;
  }
  if (has_ffmpeg()) {
    ASSERT_TRUE(ffmpeg("-f lavfi -i color=s=10000x9000 -frames:v 1", folder / "b.png"));
    EXPECT_EQ(error_of([&] { read_image(folder / "b.png"); }, &message), ErrorCode::kInput);
    EXPECT_NE(message.find("10000x9000"), std::string::npos) << message;
  }
}

TEST(VideoReader, TellsWhyItCannotRead) {
  const TempFolder folder;
  const auto refused = [&](const fs::path& path, const std::string& word) {
    std::string message;
    const ErrorCode code = error_of([&] { VideoReader reader(path); }, &message);
    EXPECT_EQ(code, ErrorCode::kInput) << path << ": " << message;
    EXPECT_NE(message.find(path.filename().string()), std::string::npos) << message;
    EXPECT_NE(message.find(word), std::string::npos) << message;
    EXPECT_EQ(error_of([&] { RandomFrameReader reader(path); }), ErrorCode::kInput);
  };
  refused(folder / "none.mp4", "no such file");
  refused(folder.path(), "folder");
  write_text(folder / "empty.mp4", "");
  refused(folder / "empty.mp4", "empty");
  write_text(folder / "text.mp4", "Dear Sir or Madam,\nthis is no film.\n");
  refused(folder / "text.mp4", "not a readable");
  write_text(folder / "text.png", "Dear Sir or Madam,\nthis is no picture.\n");
  refused(folder / "text.png", "");
  // A box that claims 4 GB, and a 64-bit size of nonsense.
  write_text(folder / "huge.mp4", std::string("\xff\xff\xff\xf0"
                                              "ftypisom\0\0\2\0isomiso2",
                                              24));
  refused(folder / "huge.mp4", "");
  write_text(folder / "huge2.mp4", std::string("\0\0\0\1moov\x7f\xff\xff\xff\xff\xff\xff\xff", 16));
  refused(folder / "huge2.mp4", "");
  write_float_wav(folder / "sound.wav", 16000, 1, std::vector<float>(1000));
  refused(folder / "sound.wav", "no picture");
}

TEST(VideoReader, DeliversWhatIsLeftOfATruncatedFile) {
  const TempFolder folder;
  for (const char* name : {"a.mp4", "a.mkv"}) {
    write_clip(folder / name, small(16000), 100, 64000);
    for (const double part : {0.9, 0.5, 0.2}) {
      const auto path = folder / (std::string("cut") + name);
      fs::copy_file(folder / name, path, fs::copy_options::overwrite_existing);
      truncate_file(path, part);
      VideoReader reader(path);
      const auto frames = read_all(reader);
      EXPECT_GT(frames.size(), 3u) << name << " " << part;
      EXPECT_LT(frames.size(), 100u) << name << " " << part;
      EXPECT_TRUE(reader.damaged()) << name << " " << part;
      // The last pictures may lack their neighbours.
      for (std::size_t i = 0; i + 4 < frames.size(); ++i)
        EXPECT_EQ(number_in(frames[i].image), static_cast<int>(i) % kNumbers);
      RandomFrameReader random(path);
      EXPECT_EQ(random.frame_count(), static_cast<FrameIndex>(frames.size()));
      EXPECT_EQ(random.at(3).image.rgb, frames[3].image.rgb);
    }
  }
}

TEST(VideoReader, SurvivesDamage) {
  const TempFolder folder;
  write_clip(folder / "a.mp4", small(), 60);
  std::string bytes;
  {
    std::ifstream in(folder / "a.mp4", std::ios::binary);
    bytes.assign(std::istreambuf_iterator<char>(in), {});
  }
  unsigned state = 1;
  for (int round = 0; round < 60; ++round) {
    std::string broken = bytes;
    for (int i = 0; i < 30; ++i) {
      state = state * 1664525u + 1013904223u;
      broken[state / 7 % broken.size()] = static_cast<char>(state >> 24);
    }
    write_text(folder / "b.mp4", broken);
    const ErrorCode code = error_of([&] {
      VideoReader reader(folder / "b.mp4");
      read_all(reader);
      RandomFrameReader random(folder / "b.mp4");
      for (FrameIndex i = random.frame_count() - 1; i >= 0; i -= 7) random.at(i);
    });
    EXPECT_TRUE(code == ErrorCode{0} || code == ErrorCode::kInput) << static_cast<int>(code);
  }
}

TEST(VideoReader, ReadsAPartOfAFile) {
  const TempFolder folder;
  write_clip(folder / "a.mp4", small(), 20);
  std::ifstream in(folder / "a.mp4", std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(in)), {});
  write_text(folder / "all.avatar", std::string(1000, 'x') + bytes + std::string(500, 'y'));
  const std::string url = "subfile,,start,1000,end," + std::to_string(1000 + bytes.size()) +
                          ",,:" + (folder / "all.avatar").string();
  VideoReader reader(url);
  const auto frames = read_all(reader);
  EXPECT_EQ(frames.size(), 20u);
  RandomFrameReader random(url);
  EXPECT_EQ(random.at(15).image.rgb, frames[15].image.rgb);
  EXPECT_EQ(random.at(4).image.rgb, frames[4].image.rgb);
}

TEST(VideoReader, MovesOn) {
  const TempFolder folder;
  write_clip(folder / "a.mp4", small(), 10);
  VideoReader reader(folder / "a.mp4");
  EXPECT_TRUE(reader.skip());
  VideoReader moved = std::move(reader);
  EXPECT_EQ(moved.read()->index, 1);
  EXPECT_EQ(number_in(moved.read()->image), 2);
}

}  // namespace
}  // namespace visema
