#include "visema/session/landmarks.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>
#include <thread>

#include "session_fixture.h"
#include "visema/core/error.h"
#include "visema/core/landmark_frame.h"

namespace visema::session {
namespace {

const std::filesystem::path kClip = kData / "clips/grid-s1/0003.mp4";

class LandmarksTest : public SessionTest {
 protected:
  LandmarksOptions from(const std::filesystem::path& input) const {
    LandmarksOptions options;
    options.input = input;
    options.out = folder_ / "points of.jsonl";
    options.overlay = folder_ / "overlay.mp4";
    options.models = built_models();
    return options;
  }
};

TEST_F(LandmarksTest, WritesALineAndAnOverlayPictureForEachFrame) {
  if (!has(kClip)) GTEST_SKIP() << "shared clips are not here";
  const LandmarksOptions options = from(kClip);
  const LandmarksReport report = extract_landmarks(options);
  const auto frames = all_frames(kClip);
  EXPECT_EQ(report.frames, static_cast<std::int64_t>(frames.size()));
  EXPECT_EQ(report.frames_without_face, 0);

  std::ifstream file(options.out);
  std::size_t number = 0;
  for (std::string text; std::getline(file, text); ++number) {
    const auto line = nlohmann::json::parse(text);
    EXPECT_EQ(line["frame"], number);
    ASSERT_EQ(line["points"].size(), static_cast<std::size_t>(kMeshPoints));
    for (const auto& point : line["points"]) {
      EXPECT_GT(point[0], 0);
      EXPECT_LT(point[0], frames[0].image.width);
    }
    EXPECT_GT(line["pose"]["scale"], 10);
  }
  EXPECT_EQ(number, frames.size());
  EXPECT_EQ(all_frames(options.overlay).size(), frames.size());
}

TEST_F(LandmarksTest, FramesWithoutAFaceAreCounted) {
  const auto landscape = kData / "portraits/noface-landscape.jpg";
  if (!has(landscape)) GTEST_SKIP() << "shared clips are not here";
  LandmarksOptions options = from(landscape);
  options.overlay.clear();
  try {
    const auto report = extract_landmarks(options);
    EXPECT_EQ(report.frames_without_face, report.frames);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kInput);
    EXPECT_THAT(describe(error), testing::HasSubstr("noface-landscape.jpg"));
    EXPECT_FALSE(std::filesystem::exists(options.out));
  }
}

TEST_F(LandmarksTest, APipeIsWrittenToAndStaysOne) {
  const auto portrait = kData / "portraits/photo-front-2.jpg";
  if (!has(portrait)) GTEST_SKIP() << "shared clips are not here";
  LandmarksOptions options = from(portrait);
  options.out = folder_ / "pipe";
  ASSERT_EQ(mkfifo(options.out.c_str(), 0600), 0);
  std::string line;
  std::thread reader([&] {
    std::ifstream pipe(options.out);
    std::getline(pipe, line);
    pipe.ignore(std::numeric_limits<std::streamsize>::max());
  });
  extract_landmarks(options);
  reader.join();
  EXPECT_EQ(nlohmann::json::parse(line).at("points").size(), 478U);
  EXPECT_TRUE(std::filesystem::is_fifo(options.out));
}

TEST_F(LandmarksTest, AVideoThatIsCutShortIsSaidToBe) {
  const auto whole = kData / "clips/lab/0002.mp4";
  if (!has(whole)) GTEST_SKIP() << "shared clips are not here";
  LandmarksOptions options = from(folder_ / "cut.mp4");
  options.overlay.clear();
  std::filesystem::copy_file(whole, options.input);
  std::filesystem::permissions(options.input, std::filesystem::perms::owner_write,
                               std::filesystem::perm_options::add);
  std::filesystem::resize_file(options.input, std::filesystem::file_size(whole) / 3);
  std::string said;
  const auto report = extract_landmarks(
      options, {}, [&](LogLevel, std::string_view text) { said.append(text).append("\n"); });
  EXPECT_GT(report.frames, 0);
  EXPECT_LT(report.frames, 51);
  EXPECT_THAT(said, testing::HasSubstr("cut.mp4: damaged or cut short"));
  EXPECT_THAT(said, testing::HasSubstr(std::to_string(report.frames) + " frames"));
}

}  // namespace
}  // namespace visema::session
