#include "visema/session/prepare.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "session_fixture.h"
#include "visema/core/error.h"
#include "visema/core/landmark_frame.h"
#include "visema/models/tensor_file.h"

namespace visema::session {
namespace {

class PrepareTest : public SessionTest {
 protected:
  /// A folder of four clips, one of which is no video.
  PrepareOptions four_clips() const {
    const auto data = folder_ / "data";
    std::filesystem::create_directories(data);
    std::ofstream(data / "text.mp4") << "this is no video";
    std::ofstream list(data / "clips.tsv");
    list << "path\tsource\tidentity\tsound\n";
    for (const char* name : {"grid-s1/0003", "grid-s4/0001"})
      list << (std::filesystem::absolute(kData) / "clips" / name).string() << ".mp4\tgrid\t"
           << std::string(name).substr(0, 7) << "\town\n";
    list << (std::filesystem::absolute(kData) / "clips/lipquiz-silent/0091.mp4").string()
         << "\tlipquiz\tjen\tnone\n"
         << "text.mp4\tgrid\tnobody\town\n";
    PrepareOptions options;
    options.data = data;
    options.out = folder_ / "pack";
    options.workers = 2;
    options.models = built_models();
    return options;
  }
  /// Faces of some of the frames and the places of all points in every frame's crop.
  static void expect_whole_faces(const TensorFile& shard, const std::string& id, std::int64_t t) {
    const auto frames = shard.integers(id + "/face_frame");
    ASSERT_GT(frames.size(), 3U);
    EXPECT_EQ(shard.get(id + "/face").shape,
              (std::vector<std::int64_t>{std::ssize(frames), 3, 128, 128}));
    const auto levels = shard.integers(id + "/face");
    EXPECT_GT(*std::max_element(levels.begin(), levels.end()), 128);
    for (const std::int64_t pixels : shard.integers(id + "/face_size")) EXPECT_GT(pixels, 60);
    const auto points = shard.floats(id + "/face_points", {t, 131, 2});
    EXPECT_GT(*std::min_element(points.begin(), points.end()), 0);
    EXPECT_LT(*std::max_element(points.begin(), points.end()), 1);
  }
  nlohmann::json pack() const {
    std::ifstream file(folder_ / "pack/pack.json");
    return nlohmann::json::parse(file);
  }
};

TEST_F(PrepareTest, WritesAPackOfWhatIsUsable) {
  if (!has(kData / "clips")) GTEST_SKIP() << "shared clips are not here";
  PrepareOptions options = four_clips();
  options.faces = true;
  const PrepareReport report = prepare(options);
  EXPECT_EQ(report.clips, 3);
  EXPECT_EQ(report.dropped, 1);
  EXPECT_EQ(report.persons, 3);

  const auto list = pack();
  ASSERT_EQ(list["clips"].size(), 3U);
  EXPECT_EQ(list["clips"][0]["person"], "grid-s1");
  ASSERT_EQ(list["dropped"].size(), 1U);
  EXPECT_EQ(list["dropped"][0]["id"], "grid/text");
  std::int64_t frames = 0, crops = 0;
  for (const auto& clip : list["clips"]) {
    const std::string id = clip["id"];
    const auto shard = TensorFile::open(folder_ / "pack" / clip["shard"].get<std::string>());
    const std::int64_t t = clip["frames"], n = clip["crops"];
    frames += t;
    crops += n;
    EXPECT_NO_THROW(shard.floats(id + "/mesh", {t, kMeshPoints, 3}));
    EXPECT_NO_THROW(shard.floats(id + "/crop_points", {n, kMeshPoints, 2}));
    EXPECT_EQ(shard.contains(id + "/mel"), clip["sound"] == "own");
    const auto time = shard.floats(id + "/time", {t});
    EXPECT_TRUE(std::is_sorted(time.begin(), time.end()));
    EXPECT_EQ(shard.contains(id + "/face"), clip["sound"] == "own");
    if (clip["sound"] == "own") expect_whole_faces(shard, id, t);
  }
  EXPECT_EQ(frames, report.frames);
  EXPECT_EQ(crops, report.crops);
  EXPECT_TRUE(std::filesystem::exists(folder_ / "pack/basis.safetensors"));
  std::ifstream file(folder_ / "pack/DATA_CARD.md");
  const std::string card((std::istreambuf_iterator<char>(file)), {});
  EXPECT_THAT(card, testing::HasSubstr(list["sha256"].get<std::string>()));
  EXPECT_THAT(card, testing::HasSubstr("| grid/text |"));
}

TEST_F(PrepareTest, GivesTheSamePackAgain) {
  if (!has(kData / "clips")) GTEST_SKIP() << "shared clips are not here";
  PrepareOptions options = four_clips();
  prepare(options);
  const auto first = pack();
  options.workers = 1;
  prepare(options);
  EXPECT_EQ(pack(), first);
}

TEST_F(PrepareTest, StopsWhenAskedAndLeavesNoList) {
  if (!has(kData / "clips")) GTEST_SKIP() << "shared clips are not here";
  try {
    prepare(four_clips(), [](std::string_view, std::int64_t, std::int64_t) { return false; });
    FAIL() << "went on";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kInterrupted);
  }
  EXPECT_FALSE(std::filesystem::exists(folder_ / "pack/pack.json"));
}

}  // namespace
}  // namespace visema::session
