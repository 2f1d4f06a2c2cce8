// A real array of a real Slurm.
#include <gmock/gmock.h>
#include <signal.h>

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <sstream>
#include <thread>

#include "batch_fixture.h"
#include "slurm_cluster.h"

namespace visema::batch {
namespace {

using testing::HasSubstr;

constexpr int kJobs = 9;
constexpr int kShards = 3;
constexpr double kSoundS = 3;  // so that the second job of a shard is under way for a while
constexpr int kPatienceS = 300;

bool comes(const std::function<bool()>& condition) {
  for (int tenth = 0; tenth < 10 * kPatienceS; ++tenth) {
    if (condition()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  return false;
}

/// The batch of a shard, not one of its workers; 0: none runs.
int process_of(const std::filesystem::path& folder, int shard) {
  const std::string task = "SLURM_ARRAY_TASK_ID=" + std::to_string(shard);
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const std::string words = cli::read_text(entry.path() / "cmdline");
    if (words.find(std::string("batch\0jobs.jsonl", 16)) == std::string::npos ||
        words.find("/bin/visema") == std::string::npos || words.find("sbatch") != std::string::npos)
      continue;
    std::error_code ignored;
    const std::string environment = cli::read_text(entry.path() / "environ");
    if (std::filesystem::read_symlink(entry.path() / "cwd", ignored) == folder &&
        environment.find(task + '\0') != std::string::npos)
      return std::atoi(entry.path().filename().c_str());
  }
  return 0;
}

/// The state of each task of an array: "0" -> "COMPLETED".
std::map<std::string, std::string> states(const SlurmCluster& slurm, const std::string& array) {
  std::map<std::string, std::string> states;
  std::istringstream lines(slurm.run("squeue -h -r -t all -j " + array + " -o '%K %T'"));
  for (std::string task, state; lines >> task >> state;) states[task] = state;
  return states;
}

class BatchSlurmTest : public BatchTest {
 protected:
  void SetUp() override {
    BatchTest::SetUp();
    if (IsSkipped()) return;
    try {
      slurm_ = std::make_unique<SlurmCluster>(folder_);
    } catch (const NoSlurmHere& lack) {
      GTEST_SKIP() << lack.what();
    } catch (const std::exception& error) {
      FAIL() << error.what();
    }
  }
  void TearDown() override {
    slurm_.reset();
    BatchTest::TearDown();
  }

  JobCounts counts_of(int shard) const {
    const auto file =
        out() / ("ledger-" + std::to_string(shard) + "-of-" + std::to_string(kShards) + ".sqlite");
    try {
      return count(Ledger(file, Ledger::Open::kExisting).records());
    } catch (const std::exception&) {
      return {};  // not begun
    }
  }

  std::unique_ptr<SlurmCluster> slurm_;
};

TEST_F(BatchSlurmTest, AnArrayWithATaskKilledAndRequeuedRendersEachJobOnce) {
  write_jobs(kJobs);
  for (int i = 0; i < kJobs; ++i)
    write_sound(std::string("j").append(std::to_string(i)) + ".wav", kSoundS);
  const std::string script = VISEMA_SOURCE_DIR "/assets/deploy/slurm/visema-batch.sbatch";
  const std::string printed =
      slurm_->run("VISEMA=" VISEMA_BINARY_DIR "/bin/visema sbatch --parsable --array=0-" +
                  std::to_string(kShards - 1) + " " + script + " jobs.jsonl out");
  const std::string array = std::to_string(std::stoi(printed));

  // Shard 0 is killed with one job done and another under way, as a machine that dies would do it.
  ASSERT_TRUE(comes([&] { return counts_of(0).done >= 1 && counts_of(0).running >= 1; }))
      << slurm_->run("squeue -t all; cat slurmctld.log slurmd.log visema-batch*.log");
  const int pid = process_of(folder_, 0);
  ASSERT_GT(pid, 0);
  kill(pid, SIGKILL);
  const JobCounts left = counts_of(0);
  EXPECT_LT(left.done, left.total()) << "killed too late to show anything";
  ASSERT_TRUE(comes([&] { return states(*slurm_, array)["0"] == "FAILED"; }))
      << slurm_->run("squeue -t all");
  slurm_->run("scontrol requeue " + array + "_0");

  ASSERT_TRUE(comes([&] {
    const auto now = states(*slurm_, array);
    return now.size() == kShards && std::all_of(now.begin(), now.end(), [](const auto& task) {
             return task.second == "COMPLETED";
           });
  })) << slurm_->run("squeue -t all; cat visema-batch*.log");
  const auto merged = run({"batch", "merge", "out"});
  EXPECT_EQ(merged.code, 0) << merged.out << merged.err;
  EXPECT_THAT(merged.out, HasSubstr("9 of 9 jobs done"));
  expect_all_done_once(kJobs);
  for (int shard = 0; shard < kShards; ++shard) EXPECT_EQ(counts_of(shard).done, kJobs / kShards);
}

// Slurm sends this signal two minutes before the time of a task is over.
TEST_F(BatchSlurmTest, ATaskWhoseTimeIsNearlyOverGivesItsJobBackAndRequeuesItself) {
  write_jobs(1);
  write_sound("j0.wav", 60);
  const std::string script = VISEMA_SOURCE_DIR "/assets/deploy/slurm/visema-batch.sbatch";
  const std::string task = std::to_string(std::stoi(slurm_->run(
      "VISEMA=" VISEMA_BINARY_DIR "/bin/visema sbatch --parsable " + script + " jobs.jsonl out")));
  const auto running = [&] {
    try {
      return count(jobs()).running == 1;
    } catch (const std::exception&) {
      return false;  // no ledger yet
    }
  };
  ASSERT_TRUE(comes(running)) << slurm_->run("squeue -t all");
  write_sound("j0.wav", 0.2);
  slurm_->run("scancel --batch --signal=USR1 " + task);
  ASSERT_TRUE(comes([&] {
    return slurm_->run("squeue -h -t all -j " + task + " -o %T") == "COMPLETED\n" &&
           slurm_->run("scontrol show job " + task).find("Restarts=1") != std::string::npos;
  })) << slurm_->run("squeue -t all; cat visema-batch*.log");
  EXPECT_EQ(attempts("j0", "interrupted"), 1);
  expect_all_done_once(1);
}

}  // namespace
}  // namespace visema::batch
