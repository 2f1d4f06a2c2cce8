#include "person_split.h"

#include <gtest/gtest.h>

namespace visema::session {
namespace {

ClipData clip(const std::string& source, std::vector<float> embedding,
              const std::string& person = "") {
  ClipData result;
  result.source = source;
  result.embedding = std::move(embedding);
  result.person = person;
  return result;
}

TEST(PersonSplit, ClipsOfLikeFacesAreOnePerson) {
  std::vector<ClipData> clips = {
      clip("news", {1, 0, 0}), clip("news", {0, 1, 0}),         clip("news", {0.9F, 0.1F, 0}),
      clip("vlog", {1, 0, 0}), clip("news", {1, 0, 0}, "anna"),
  };
  cluster_unlabelled(clips);
  EXPECT_EQ(clips[0].person, clips[2].person);
  EXPECT_NE(clips[0].person, clips[1].person);
  EXPECT_NE(clips[0].person, clips[3].person) << "persons of two sources must not be joined";
  EXPECT_EQ(clips[4].person, "anna");
}

TEST(PersonSplit, DroppedClipsGetNoPerson) {
  std::vector<ClipData> clips = {clip("news", {})};
  clips[0].dropped = "no face";
  cluster_unlabelled(clips);
  EXPECT_TRUE(clips[0].person.empty());
}

TEST(PersonSplit, IsFixedForEachName) {
  std::vector<ClipData> clips;
  for (int i = 0; i < 200; ++i) clips.push_back(clip("s", {}, "person-" + std::to_string(i)));
  split_by_person(clips);
  int held_out = 0;
  for (const ClipData& one : clips) held_out += one.split == "val";
  EXPECT_GT(held_out, 8);
  EXPECT_LT(held_out, 36);

  std::vector<ClipData> alone = {clips[137]};
  alone[0].split.clear();
  split_by_person(alone);
  EXPECT_EQ(alone[0].split, clips[137].split);

  // Weights that were trained on a split are judged on its other side: it must never move.
  std::vector<ClipData> known = {clip("", {}, "grid-s29"), clip("", {}, "grid-s1")};
  split_by_person(known);
  EXPECT_EQ(known[0].split, "val");
  EXPECT_EQ(known[1].split, "train");
}

}  // namespace
}  // namespace visema::session
