#include "visema/batch/shard.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <map>
#include <random>

#include "visema/core/error.h"

namespace visema::batch {
namespace {

std::vector<Job> some_jobs(int count) {
  std::mt19937 random(5);
  std::uniform_real_distribution<double> seconds(1, 60);
  std::vector<Job> jobs(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) {
    jobs[static_cast<std::size_t>(i)].id = "job-" + std::to_string(i);
    jobs[static_cast<std::size_t>(i)].sound_seconds = seconds(random);
  }
  return jobs;
}

std::map<std::string, int> shards_by_id(const std::vector<Job>& jobs, int count) {
  const auto shards = assign_shards(jobs, count);
  std::map<std::string, int> by_id;
  for (std::size_t i = 0; i < jobs.size(); ++i) by_id[jobs[i].id] = shards[i];
  return by_id;
}

TEST(Shard, DependsOnIdsAndLengthsNotOnTheOrderOfTheFile) {
  auto jobs = some_jobs(500);
  const auto before = shards_by_id(jobs, 7);
  std::shuffle(jobs.begin(), jobs.end(), std::mt19937(9));
  EXPECT_EQ(shards_by_id(jobs, 7), before);
}

TEST(Shard, EachHasAboutTheSameSound) {
  const auto jobs = some_jobs(500);
  const auto shards = assign_shards(jobs, 7);
  std::vector<double> load(7);
  for (std::size_t i = 0; i < jobs.size(); ++i)
    load[static_cast<std::size_t>(shards[i])] += jobs[i].sound_seconds;
  const auto [least, most] = std::minmax_element(load.begin(), load.end());
  EXPECT_LT(*most - *least, 0.02 * *most);
}

TEST(Shard, JobsOfNoKnownLengthAreSpreadToo) {
  auto jobs = some_jobs(100);
  for (Job& job : jobs) job.sound_seconds = 0;
  const auto shards = assign_shards(jobs, 4);
  for (int shard = 0; shard < 4; ++shard)
    EXPECT_EQ(std::count(shards.begin(), shards.end(), shard), 25);
}

TEST(Shard, ParsesItsText) {
  EXPECT_EQ(parse_shard("3/64").index, 3);
  EXPECT_EQ(parse_shard("3/64").count, 64);
  for (const char* bad : {"", "3", "64/64", "-1/4", "a/4", "1/0", "1/4x", "/"})
    EXPECT_THROW(parse_shard(bad), Error) << bad;
}

std::optional<Shard> scheduled(std::map<std::string, const char*> environment, int count) {
  return scheduled_shard(count, [&](const char* name) -> const char* {
    const auto found = environment.find(name);
    return found == environment.end() ? nullptr : found->second;
  });
}

TEST(Shard, SlurmArraysMayBeginAnywhereAndHaveSteps) {
  const auto shard = scheduled({{"SLURM_ARRAY_TASK_ID", "7"},
                                {"SLURM_ARRAY_TASK_MIN", "1"},
                                {"SLURM_ARRAY_TASK_STEP", "2"},
                                {"SLURM_ARRAY_TASK_COUNT", "5"}},
                               0);
  EXPECT_EQ(shard->index, 3);
  EXPECT_EQ(shard->count, 5);
}

TEST(Shard, AGivenCountKeepsThePlaceOfATaskThatIsSubmittedAgainAlone) {
  const auto shard = scheduled({{"SLURM_ARRAY_TASK_ID", "7"},
                                {"SLURM_ARRAY_TASK_MIN", "7"},
                                {"SLURM_ARRAY_TASK_COUNT", "1"}},
                               64);
  EXPECT_EQ(shard->index, 7);
  EXPECT_EQ(shard->count, 64);
}

TEST(Shard, KubernetesNeedsTheCount) {
  const auto shard = scheduled({{"JOB_COMPLETION_INDEX", "2"}}, 8);
  EXPECT_EQ(shard->index, 2);
  EXPECT_EQ(shard->count, 8);
  EXPECT_THROW(scheduled({{"JOB_COMPLETION_INDEX", "2"}}, 0), Error);
  EXPECT_THROW(scheduled({{"JOB_COMPLETION_INDEX", "8"}}, 8), Error);
}

TEST(Shard, NothingWithoutAScheduler) {
  EXPECT_FALSE(scheduled({}, 8));
}

}  // namespace
}  // namespace visema::batch
