// One process that paints the pictures of all workers.
#include <gmock/gmock.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <map>
#include <nlohmann/json.hpp>
#include <thread>

#include "batch_fixture.h"
#include "visema/batch/worker.h"
#include "visema/core/socket.h"

namespace visema::batch {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

/// On the CPU in fp32, where pictures are the same bits alone and in company.
class BatchPainterTest : public BatchTest {
 protected:
  std::vector<std::string> with(const std::string& painter,
                                std::vector<std::string> more = {}) const {
    more.insert(more.end(), {"--painter", painter, "--device", "cpu", "--precision", "fp32",
                             "--report", "r.json"});
    return command(std::move(more));
  }
  json report() const { return json::parse(cli::read_text(folder_ / "r.json")); }

  std::map<std::string, std::string> hashes() const {
    std::map<std::string, std::string> all;
    for (const JobRecord& record : jobs()) all[record.id] = record.result.output_sha256;
    return all;
  }

  /// The videos without a painter; then nothing is there any more.
  std::map<std::string, std::string> videos_without() const {
    const auto finished = run(with("off"));
    EXPECT_EQ(finished.code, 0) << finished.err;
    const auto all = hashes();
    std::filesystem::remove_all(out());
    return all;
  }

  /// Waits until the painter has so many connections, of which each worker has two at most; it
  /// opens the second when it has two pictures to be painted.
  bool wait_for_customers(int painter, std::size_t wanted) const {
    for (int turn = 0; turn < 30'000; ++turn) {
      std::size_t count = 0;
      std::error_code ignored;
      const std::string files = "/proc/" + std::to_string(painter) + "/fd";
      for (const auto& file : std::filesystem::directory_iterator(files, ignored))
        count += std::filesystem::read_symlink(file, ignored).string().find("visema-picture") !=
                         std::string::npos
                     ? 1
                     : 0;
      if (count >= wanted) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return false;
  }

  /// Waits until a worker has asked a painter that was stopped before it could read that.
  static bool wait_for_question(int painter) {
    const FileDescriptor process(static_cast<int>(syscall(SYS_pidfd_open, painter, 0)));
    const std::string files = "/proc/" + std::to_string(painter) + "/fd";
    for (int turn = 0; turn < 30'000; ++turn) {
      std::error_code ignored;
      for (const auto& file : std::filesystem::directory_iterator(files, ignored)) {
        const int number = std::atoi(file.path().filename().c_str());
        if (number <= kPainterListener ||
            !std::filesystem::read_symlink(file, ignored).string().starts_with("socket:"))
          continue;
        const FileDescriptor socket(
            static_cast<int>(syscall(SYS_pidfd_getfd, process.number(), number, 0)));
        pollfd question{socket.number(), POLLIN, 0};
        if (socket && poll(&question, 1, 0) > 0) return true;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return false;
  }
};

TEST_F(BatchPainterTest, VideosAreTheSameWithAndWithout) {
  write_jobs(4);
  std::string lines = job_line("j0", R"(, "quality": "light")");
  for (const char* id : {"j1", "j2", "j3"}) lines += job_line(id);
  write("jobs.jsonl", lines);
  const auto without = videos_without();
  EXPECT_EQ(report().at("painters"), 0);

  const auto finished = run(with("on"));
  ASSERT_EQ(finished.code, 0) << finished.err;
  expect_all_done_once(4);
  EXPECT_EQ(hashes(), without);
  std::int64_t frames = 0;
  for (const JobRecord& record : jobs()) frames += record.result.frames;
  const json report = this->report();
  EXPECT_EQ(report.at("painters"), 1);
  EXPECT_EQ(report.at("painted_pictures"), frames);
  EXPECT_LE(report.at("paint_calls"), frames);
  EXPECT_GE(report.at("paint_calls"), 1);
  EXPECT_THAT(finished.out, HasSubstr(std::to_string(frames) + " pictures painted in "));
}

TEST_F(BatchPainterTest, AutoIsForGpus) {
  write_jobs(1);
  const auto finished = run(with("auto"));
  EXPECT_EQ(finished.code, 0) << finished.err;
  EXPECT_EQ(report().at("painters"), 0);
  EXPECT_THAT(finished.out, Not(HasSubstr("painted")));
}

TEST_F(BatchPainterTest, OneThatIsKilledIsReplacedAndItsJobsTriedAgain) {
  write_jobs(2);
  for (const char* sound : {"j0.wav", "j1.wav"}) write_sound(sound, 1);
  cli::Program program(with("on"), folder_);
  const int painter = process("batch-painter");
  ASSERT_GT(painter, 0);
  ASSERT_TRUE(wait_for_customers(painter, 3));
  kill(painter, SIGSTOP);
  ASSERT_TRUE(wait_for_question(painter));
  kill(painter, SIGKILL);
  const auto finished = program.wait();
  EXPECT_EQ(finished.code, 0) << finished.err;
  EXPECT_THAT(finished.err, HasSubstr("the painter was killed by signal 9 (Killed)"));
  EXPECT_THAT(finished.err, HasSubstr("the painter ended while it was asked for"));
  EXPECT_GE(attempts("j0", "failed") + attempts("j1", "failed"), 1);
  EXPECT_EQ(report().at("painters"), 2);
  expect_all_done_once(2);
}

TEST_F(BatchPainterTest, AWorkerThatIsKilledCostsTheOthersNothing) {
  write_jobs(2);
  for (const char* sound : {"j0.wav", "j1.wav"}) write_sound(sound, 2);
  cli::Program program(with("on"), folder_);
  const int painter = process("batch-painter");
  ASSERT_TRUE(wait_for_customers(painter, 3)) << "both workers, one with two pictures";
  const int worker = process("batch-worker");
  ASSERT_GT(worker, 0);
  kill(worker, SIGKILL);
  const auto finished = program.wait();
  EXPECT_EQ(finished.code, 0) << finished.err;
  EXPECT_EQ(attempts("j0", "failed") + attempts("j1", "failed"), 1);
  EXPECT_EQ(report().at("painters"), 1);
  expect_all_done_once(2);
}

TEST_F(BatchPainterTest, EndsWithItsBatch) {
  write_jobs(2);
  for (const char* sound : {"j0.wav", "j1.wav"}) write_sound(sound, 60);
  for (const int how : {SIGKILL, SIGINT}) {
    cli::Program program(with("on", {"--resume"}), folder_);
    const int painter = process("batch-painter");
    ASSERT_TRUE(wait_for_customers(painter, 1));
    program.signal(how);
    program.wait();
    for (int tenth = 0; tenth < 600 && !processes("batch-painter").empty(); ++tenth)
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    EXPECT_EQ(processes("batch-painter").size(), 0U) << how;
  }
}

}  // namespace
}  // namespace visema::batch
