// Batches that are ended at random moments, by force and politely.
#include <gmock/gmock.h>
#include <signal.h>

#include <chrono>
#include <cstdlib>
#include <random>
#include <thread>

#include "batch_fixture.h"

namespace visema::batch {
namespace {

using testing::HasSubstr;

constexpr int kJobs = 8;
constexpr int kInterrupted = 130;

/// VISEMA_KILL_MOMENTS=50 is what docs/batch.md reports.
int moments() {
  const char* text = std::getenv("VISEMA_KILL_MOMENTS");
  return text == nullptr ? 6 : std::atoi(text);
}

TEST_F(BatchTest, KilledAtRandomMomentsLosesAndDuplicatesNothing) {
  write_jobs(kJobs);
  const auto begin = std::chrono::steady_clock::now();
  ASSERT_EQ(batch().code, 0);
  const std::chrono::duration<double> undisturbed = std::chrono::steady_clock::now() - begin;
  std::map<std::string, std::string> right;
  for (const JobRecord& record : jobs()) right[record.id] = record.result.output_sha256;

  // Late enough that a worker may be in its first job, early enough that not all are done.
  std::mt19937 random(std::random_device{}());
  std::uniform_real_distribution<double> delay_s(0.1, 1.1 * undisturbed.count());
  const int wanted = moments();
  int kills = 0, rounds = 0;
  while (kills < wanted) {
    SCOPED_TRACE("round " + std::to_string(++rounds));
    std::filesystem::remove_all(out());
    for (int tries = 0; tries < 3 && kills < wanted; ++tries, ++kills) {
      cli::Program program(command({"--resume"}), folder_);
      std::this_thread::sleep_for(std::chrono::duration<double>(delay_s(random)));
      program.signal(SIGKILL);
      program.wait();
    }
    const auto finished = batch({"--resume"});
    ASSERT_EQ(finished.code, 0) << finished.err;
    expect_all_done_once(kJobs);
    for (const JobRecord& record : jobs())
      EXPECT_EQ(record.result.output_sha256, right[record.id]) << record.id;
    if (HasFailure()) return;
  }
}

TEST_F(BatchTest, AnInterruptGivesTheJobsBack) {
  write_jobs(2);
  for (const char* sound : {"j0.wav", "j1.wav"}) write_sound(sound, 60);
  cli::Program program(command({"--workers", "2"}), folder_);
  const auto running = [&] {
    try {
      int count = 0;
      for (const JobRecord& record : jobs()) count += record.state == JobState::kRunning ? 1 : 0;
      return count == 2;
    } catch (const std::exception&) {
      return false;  // no ledger yet
    }
  };
  for (int tenth = 0; tenth < 3000 && !running(); ++tenth)
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  ASSERT_TRUE(running());
  program.signal(SIGINT);
  const auto finished = program.wait();
  EXPECT_EQ(finished.code, kInterrupted) << finished.err;
  EXPECT_THAT(finished.out, HasSubstr("0 of 2 jobs done"));
  for (const char* id : {"j0", "j1"}) {
    EXPECT_EQ(job(id).state, JobState::kWaiting);
    EXPECT_EQ(attempts(id, "interrupted"), 1);
  }
  for (const char* sound : {"j0.wav", "j1.wav"}) write_sound(sound, 0.12);
  EXPECT_EQ(batch({"--resume"}).code, 0);
  expect_all_done_once(2);
}

TEST_F(BatchTest, AWorkerThatIsKilledIsReplacedAndItsJobTriedAgain) {
  write_jobs(1);
  write_sound("j0.wav", 2);
  cli::Program program(command({"--workers", "1"}), folder_);
  const int pid = process("batch-worker");
  ASSERT_GT(pid, 0);
  kill(pid, SIGKILL);
  const auto finished = program.wait();
  EXPECT_EQ(finished.code, 0) << finished.err;
  EXPECT_THAT(finished.err, HasSubstr("j0: the worker was killed by signal 9 (Killed); once more"));
  EXPECT_EQ(attempts("j0", "failed"), 1);
  expect_all_done_once(1);
}

}  // namespace
}  // namespace visema::batch
