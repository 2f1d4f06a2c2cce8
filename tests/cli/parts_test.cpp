// The parts of the program that need no process.
#include <gmock/gmock.h>
#include <signal.h>
#include <sys/stat.h>

#include <chrono>
#include <thread>

#include "files.h"
#include "interrupts.h"
#include "program.h"
#include "progress.h"
#include "suggestion.h"
#include "visema/core/error.h"

namespace visema::cli {
namespace {

TEST(Suggestion, TakesTheNearestWord) {
  const std::vector<std::string> known = {"crf", "fps", "audio", "expression",
                                          "expression-strength"};
  EXPECT_EQ(nearest("adio", known), "audio");
  EXPECT_EQ(nearest("crff", known), "crf");
  EXPECT_EQ(nearest("experssion", known), "expression");
  EXPECT_EQ(nearest("wholly-different", known), "");
  EXPECT_EQ(nearest("", known), "");
  EXPECT_EQ(suggestion("fbs", known, "--"), "; did you mean --fps?");
}

TEST(Progress, TellsFramesSpeedAndTimeLeft) {
  const ProgressState state{"render", 250, 1000, 33.0, 25.0};
  EXPECT_EQ(progress_text(state), "250 of 1000 frames, 1.32x real time, 0:23 left");
  EXPECT_EQ(progress_bar(state, 8),
            "render [##------] 250 of 1000 frames, 1.32x real time, 0:23 left");
}

TEST(Progress, LeavesOutWhatIsNotKnown) {
  EXPECT_EQ(progress_text({"render", 7, 0, 0, 25}), "7 frames");
  EXPECT_EQ(progress_text({"enroll", 7, 0, 12.34, 25}), "7 frames, 12.3/s");
  EXPECT_EQ(progress_text({"prepare", 1, 4001, 1, 0}), "1 of 4001 clips, 1.00/s, 1:06:40 left");
  EXPECT_EQ(progress_text({"batch", 500, 2500, 0, 0}), "0.5 of 2.5 s of sound");
  EXPECT_EQ(progress_text({"batch", 5700, 25900, 0, 0}), "6 of 26 s of sound");
  EXPECT_EQ(progress_text({"adapt", 250, 1000, 5, 0}), "25 %, 2:30 left");
  EXPECT_EQ(progress_bar({"render", 12, 10, 0, 0}, 4), "render [####] 12 of 10 frames");
}

TEST(Progress, ALineIsNoLongerThanTheTerminal) {
  EXPECT_EQ(one_line("render 7 frames", 6), "render");
  EXPECT_EQ(progress_bar({"render", 12, 10, 0, 0}, 0), "render 12 of 10 frames");
  EXPECT_EQ(one_line("render 7 frames", 15), "render 7 frames");
  EXPECT_EQ(one_line("render 7 frames", 0), "render 7 frames");
  EXPECT_EQ(one_line("Jürgen.mp4 [##", 10), "Jürgen.mp4");
}

class FilesTest : public ProgramTest {};

TEST_F(FilesTest, ReplacesATextFileOrLeavesNothing) {
  const auto path = write("report.json", "old");
  write_text_file(path, "new");
  EXPECT_EQ(read_text(path), "new");
  EXPECT_THROW(write_text_file(folder_ / "nowhere/report.json", "x"), Error);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_),
                          std::filesystem::directory_iterator()),
            1);
}

TEST_F(FilesTest, WritesTextIntoAPipeAndLeavesItOne) {
  const auto pipe = folder_ / "pipe";
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  std::string heard;
  std::thread reader([&] { heard = read_text(pipe); });
  write_text_file(pipe, "figures");
  reader.join();
  EXPECT_EQ(heard, "figures");
  EXPECT_TRUE(std::filesystem::is_fifo(pipe));
}

TEST_F(FilesTest, WritesTextWhereALinkLeads) {
  const auto path = write("report.json", "old");
  std::filesystem::create_symlink("report.json", folder_ / "link.json");
  write_text_file(folder_ / "link.json", "new");
  EXPECT_TRUE(std::filesystem::is_symlink(folder_ / "link.json"));
  EXPECT_EQ(read_text(path), "new");
}

TEST_F(FilesTest, RefusesAPipeForWhatIsNoText) {
  const auto pipe = folder_ / "pipe.mp4";
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_NO_THROW(check({{}, {}, {pipe}}));
  EXPECT_THROW(check({{}, {pipe}, {}}), Error);
  EXPECT_THROW(check({{}, {}, {"-"}}), Error);
}

TEST_F(FilesTest, KnowsOneFileByTwoNames) {
  const auto path = write("a.mp4", "x");
  std::filesystem::create_symlink(path, folder_ / "b.mp4");
  EXPECT_TRUE(same_file(path, folder_ / "b.mp4"));
  EXPECT_TRUE(same_file(folder_ / "c.mp4", folder_ / "." / "c.mp4"));
  EXPECT_TRUE(same_file(folder_ / "c.mp4", std::filesystem::proximate(folder_ / "c.mp4")));
  EXPECT_FALSE(same_file(path, folder_ / "c.mp4"));
  EXPECT_FALSE(same_file("", ""));
}

TEST_F(FilesTest, RefusesToOverwriteBeforeAnythingElse) {
  const auto problem_of = [](const Files& files) -> std::string {
    try {
      check(files);
      return "";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kUsage);
      return error.what();
    }
  };
  const auto a = write("a.mp4", "x"), b = folder_ / "b.json";
  EXPECT_EQ(problem_of({{a, ""}, {b, "", ""}}), "");
  EXPECT_EQ(problem_of({{"missing.mp4", a}, {b, a}}),
            a.string() + ": the output would overwrite an input");
  EXPECT_EQ(problem_of({{a}, {b, "", b}}), b.string() + ": two outputs name this file");
}

TEST(Interrupts, AskToStopAtTheFirstSignal) {
  const Interrupts interrupts;
  EXPECT_FALSE(interrupts.requested());
  kill(getpid(), SIGINT);
  for (int i = 0; i < 1000 && !interrupts.requested(); ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  EXPECT_TRUE(interrupts.requested());
  EXPECT_TRUE(interrupts.token().stop_requested());
}

TEST(InterruptsDeathTest, EndAtTheSecond) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(
      {
        const Interrupts interrupts;
        kill(getpid(), SIGTERM);
        while (!interrupts.requested()) std::this_thread::yield();
        kill(getpid(), SIGTERM);
        std::this_thread::sleep_for(std::chrono::seconds(60));
      },
      testing::ExitedWithCode(130), "stopping");
}

}  // namespace
}  // namespace visema::cli
