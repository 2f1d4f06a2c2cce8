#include "data_card.h"

#include <gmock/gmock.h>

namespace visema::session {
namespace {

ClipData clip(const char* id, const char* person, bool sound, const char* split) {
  ClipData data;
  data.id = id;
  data.person = person;
  data.split = split;
  for (int i = 0; i < 1500; ++i) data.time_s.push_back(static_cast<float>(i) / 25);  // a minute
  if (sound) data.active.assign(10, 1);
  data.crop_frame = {1, 2, 3};
  return data;
}

TEST(DataCard, KeepsLicencesOfOneSourceApart) {
  const std::vector<ClipEntry> entries = {{"a", "s/1", "s", "p", true, "lab", "CC-BY"},
                                          {"b", "s/2", "s", "p", true, "lab", "none"}};
  const std::vector<ClipData> clips = {clip("s/1", "p", true, "train"),
                                       clip("s/2", "p", true, "train")};
  const std::string card = data_card(entries, clips, "abc");
  EXPECT_THAT(card, testing::HasSubstr("| s | lab | CC-BY | 1 | 0 | 1.0 |"));
  EXPECT_THAT(card, testing::HasSubstr("| s | lab | none | 1 | 0 | 1.0 |"));
}

TEST(DataCard, SumsUpSourcesAndSaysWhatWasLeftOut) {
  const std::vector<ClipEntry> entries = {{"a", "s/1", "s", "p", true, "lab", "CC-BY|4.0"},
                                          {"b", "s/2", "s", "q", false, "lab", "CC-BY|4.0"},
                                          {"c", "t/1", "t", "p", true, "", ""}};
  std::vector<ClipData> clips = {clip("s/1", "p", true, "train"), clip("s/2", "q", false, "val"),
                                 clip("t/1", "p", true, "train")};
  clips[2].dropped = "a face in 3 frames only";
  const std::string card = data_card(entries, clips, "abc");
  EXPECT_THAT(card, testing::HasSubstr("`abc`"));
  EXPECT_THAT(card,
              testing::HasSubstr("| s | lab | CC-BY\\|4.0 | 2 | 1 | 1.0 | 1.0 | 2 | 6 | 0 |\n"));
  EXPECT_THAT(card, testing::HasSubstr("| t |  |  | 0 | 0 | 0.0 | 0.0 | 0 | 0 | 1 |\n"));
  EXPECT_THAT(card, testing::HasSubstr("| all |  |  | 2 | 1 | 1.0 | 1.0 | 2 | 6 | 1 |\n"));
  EXPECT_THAT(card, testing::HasSubstr("| t/1 | a face in 3 frames only |\n"));
}

}  // namespace
}  // namespace visema::session
