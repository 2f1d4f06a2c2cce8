#include "clip_list.h"

#include <gmock/gmock.h>

#include <fstream>

#include "session_fixture.h"
#include "visema/core/error.h"

namespace visema::session {
namespace {

class ClipListTest : public ScratchTest {
 protected:
  void write(const std::string& text) const { std::ofstream(folder_ / "clips.tsv") << text; }
  std::string refused() const {
    try {
      read_clip_list(folder_);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kInput);
      return describe(error);
    }
    return "accepted";
  }
};

TEST_F(ClipListTest, AnEmptyLastColumnAndWindowsLinesAreRead) {
  write(
      "path\tsource\tidentity\tsound\tlicence\r\n"
      "a.mp4\tgrid\ts1\town\tCC-BY-4.0\r\n"
      "b.mp4\tgrid\ts1\town\t\r\n");
  const auto clips = read_clip_list(folder_);
  ASSERT_EQ(clips.size(), 2U);
  EXPECT_EQ(clips[0].licence, "CC-BY-4.0");
  EXPECT_EQ(clips[1].licence, "");
}

TEST_F(ClipListTest, TakesColumnsByName) {
  write(
      "sound\tpath\tlanguage\tidentity\tsource\n"
      "own\tclips/grid/01.mp4\ten\tgrid-s1\tgrid\n"
      "none\tclips/news/a b.mp4\tar\t?\tnews\n");
  const auto clips = read_clip_list(folder_);
  ASSERT_EQ(clips.size(), 2U);
  EXPECT_EQ(clips[0].path, folder_ / "clips/grid/01.mp4");
  EXPECT_EQ(clips[0].id, "grid/01");
  EXPECT_EQ(clips[0].person, "grid-s1");
  EXPECT_TRUE(clips[0].has_sound);
  EXPECT_EQ(clips[1].id, "news/a b");
  EXPECT_TRUE(clips[1].person.empty());
  EXPECT_FALSE(clips[1].has_sound);
}

TEST_F(ClipListTest, NamesWhatIsWrong) {
  EXPECT_THAT(refused(), testing::HasSubstr("clips.tsv"));
  write("path\tsource\tsound\n");
  EXPECT_THAT(refused(), testing::HasSubstr("\"identity\""));
  write("path\tsource\tidentity\tsound\na.mp4\tgrid\n");
  EXPECT_THAT(refused(), testing::HasSubstr("line 2"));
}

}  // namespace
}  // namespace visema::session
