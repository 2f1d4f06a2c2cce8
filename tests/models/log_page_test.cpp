#include "log_page.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "speech_pack.h"
#include "train_log.h"

namespace visema::training {
namespace {

std::string read(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t n = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++n;
  return n;
}

TEST(LogPage, DrawsACurveForEachName) {
  const std::string page = log_page(
      "train\t0\t0.00\tloss\t4\trate\t0.1\n"
      "train\t10\t1.00\tloss\t2\trate\t0.1\n"
      "valid\t10\t1.00\tscore\t0.25\n"
      "torn li",
      "a <b> & c", "");
  EXPECT_EQ(count(page, "<figure>"), 3U) << page;
  EXPECT_NE(page.find("a &lt;b> &amp; c"), std::string::npos);
  EXPECT_LT(page.find("<h2>valid"), page.find("<h2>train"));
  EXPECT_NE(page.find("score <span>0.25</span>"), std::string::npos);
  // Smoothed: 0.9 of 4 and 0.1 of 2.
  EXPECT_NE(page.find("loss <span>3.8</span>"), std::string::npos);
  EXPECT_EQ(page.find("<img"), std::string::npos);
}

TEST(LogPage, ATrainingThatBeginsAnewIsALineOfItsOwn) {
  const std::string page = log_page(
      "valid\t1\t3.00\tscore\t1\nvalid\t9\t50.00\tscore\t2\nvalid\t1\t2.00\tscore\t1\n", "log", "");
  EXPECT_EQ(count(page, "M"), 2U) << page;
  EXPECT_NE(page.find(">2 min<"), std::string::npos);
  EXPECT_NE(page.find(">50 min<"), std::string::npos);
}

TEST(LogPage, LeavesOutWhatIsNoNumber) {
  const std::string page = log_page("valid\t1\t0.1\tl1\tnan\tl2\t3\n", "log", "");
  EXPECT_EQ(page.find("l1"), std::string::npos) << page;
  EXPECT_NE(page.find("l2 <span>3</span>"), std::string::npos) << page;
}

TEST(LogPage, IsWrittenBesideTheLogWithItsSheet) {
  test::ScratchFolder folder;
  TrainLog log(folder / "my log.tsv");
  log.line("train", 1, 0.1, {{"loss", 1.0}});
  EXPECT_FALSE(std::filesystem::exists(folder / "my log.tsv.html"));
  log.line("valid", 1, 0.2, {{"score", 0.5}});
  log.show(folder / "sheets" / "s.bmp");
  const std::string page = read(folder / "my log.tsv.html");
  EXPECT_NE(page.find("loss"), std::string::npos);
  EXPECT_NE(page.find("src=\"sheets/s.bmp\""), std::string::npos) << page;
  EXPECT_FALSE(std::filesystem::exists(folder / "my log.tsv.html.tmp"));
}

}  // namespace
}  // namespace visema::training
