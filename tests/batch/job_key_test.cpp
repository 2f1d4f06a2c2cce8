#include "job_key.h"

#include <gtest/gtest.h>

#include "program.h"

namespace visema::batch {
namespace {

class JobKeyTest : public cli::ProgramTest {
 protected:
  void SetUp() override {
    ProgramTest::SetUp();
    write("face.png", "face");
    write("sound.wav", "sound");
    job_.id = "a";
    job_.out = "a.mp4";
    job_.options = {{"source", (folder_ / "face.png").string()},
                    {"avatar", ""},
                    {"audio", (folder_ / "sound.wav").string()},
                    {"crf", "20"},
                    {"threads", "0"}};
  }
  std::string key() { return key_of(job_, "models", "", ledger()).key; }
  Ledger& ledger() {
    if (!ledger_) ledger_.emplace(folder_ / "ledger.sqlite", Ledger::Open::kOrNew);
    return *ledger_;
  }
  /// Back in time, so that the file's time is trusted.
  void set_age(const std::string& name, int seconds) const {
    std::filesystem::last_write_time(folder_ / name, std::filesystem::file_time_type::clock::now() -
                                                         std::chrono::seconds(seconds));
  }

  Job job_;
  std::optional<Ledger> ledger_;
};

TEST_F(JobKeyTest, ChangesWithWhatThePictureDependsOn) {
  const std::string before = key();
  EXPECT_EQ(key(), before);
  EXPECT_NE(key_of(job_, "other models", "", ledger()).key, before);
  EXPECT_NE(key_of(job_, "models", "eval", ledger()).key, before);
  job_.options["crf"] = "21";
  EXPECT_NE(key(), before);
  job_.options["crf"] = "20";
  job_.options["threads"] = "2";
  EXPECT_EQ(key(), before);
  write("sound.wav", "SOUND");  // of the same size, within the same second
  EXPECT_NE(key(), before);
}

TEST_F(JobKeyTest, ANamedQualityIsAnotherPicture) {
  const std::string before = key();
  job_.options["quality"] = "auto";  // as before there were several
  EXPECT_EQ(key(), before);
  job_.options["quality"] = "light";
  EXPECT_NE(key(), before);
}

TEST_F(JobKeyTest, DoesNotDependOnWhereInputsLie) {
  const std::string before = key();
  write("copy.wav", "sound");
  job_.options["audio"] = (folder_ / "copy.wav").string();
  EXPECT_EQ(key(), before);
}

TEST_F(JobKeyTest, NamedWeightsComeBeforeAnAdaptedAvatarsOwn) {
  const std::string before = key();
  job_.options["weights"] = "elsewhere";  // of the same content: `models` says so
  EXPECT_EQ(key(), before);
  job_.options["avatar"] = job_.options["source"];
  const std::string named = key();
  job_.options["weights"] = "";
  EXPECT_NE(key(), named);
}

TEST_F(JobKeyTest, OfABackgroundTheContentCounts) {
  job_.options["background"] = "blur";
  const std::string blurred = key();
  write("office.png", "office");
  job_.options["background"] = (folder_ / "office.png").string();
  const std::string before = key();
  EXPECT_NE(before, blurred);
  write("copy.png", "office");
  job_.options["background"] = (folder_ / "copy.png").string();
  EXPECT_EQ(key(), before);
  write("copy.png", "OFFICE");
  EXPECT_NE(key(), before);
}

TEST_F(JobKeyTest, ReadsAFileAgainOnlyWhenSizeOrTimeHaveChanged) {
  set_age("sound.wav", 100);
  const auto time = std::filesystem::last_write_time(folder_ / "sound.wav");
  const std::string before = key();
  write("sound.wav", "OTHER");
  std::filesystem::last_write_time(folder_ / "sound.wav", time);
  EXPECT_EQ(key(), before);  // cannot be seen
  set_age("sound.wav", 50);
  EXPECT_NE(key(), before);
}

}  // namespace
}  // namespace visema::batch
