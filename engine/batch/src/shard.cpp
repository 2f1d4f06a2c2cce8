#include "visema/batch/shard.h"

#include <algorithm>
#include <charconv>
#include <numeric>
#include <queue>
#include <utility>

#include "visema/core/error.h"

namespace visema::batch {
namespace {

constexpr int kMostShards = 1'000'000;

std::optional<int> number(std::string_view text) {
  int value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stop != end || text.empty()) return std::nullopt;
  return value;
}

Shard checked(int index, int count, const std::string& what) {
  if (count < 1 || count > kMostShards || index < 0 || index >= count)
    throw Error(ErrorCode::kUsage,
                what + ": must be I/N with 0 <= I < N <= " + std::to_string(kMostShards));
  return {index, count};
}

}  // namespace

Shard parse_shard(std::string_view text) {
  const std::size_t slash = std::min(text.find('/'), text.size());
  const auto index = number(text.substr(0, slash));
  const auto count = number(text.substr(std::min(slash + 1, text.size())));
  return checked(index.value_or(-1), count.value_or(0), "shard " + std::string(text));
}

std::optional<Shard> scheduled_shard(int count,
                                     const std::function<const char*(const char*)>& environment) {
  const auto value = [&](const char* name) -> std::optional<int> {
    const char* text = environment(name);
    if (text == nullptr) return std::nullopt;
    const auto parsed = number(text);
    if (!parsed)
      throw Error(ErrorCode::kUsage,
                  std::string(name) + " = " + text + ": must be a whole number (environment)");
    return parsed;
  };
  if (const auto task = value("SLURM_ARRAY_TASK_ID")) {
    if (count > 0)
      return checked(*task, count,
                     "SLURM_ARRAY_TASK_ID = " + std::to_string(*task) + " of " +
                         std::to_string(count) + " shards");
    const int first = value("SLURM_ARRAY_TASK_MIN").value_or(0);
    const int step = std::max(1, value("SLURM_ARRAY_TASK_STEP").value_or(1));
    const int tasks = value("SLURM_ARRAY_TASK_COUNT").value_or(0);
    return checked((*task - first) / step, tasks,
                   "SLURM_ARRAY_TASK_ID = " + std::to_string(*task) + " of " +
                       std::to_string(tasks) + " tasks");
  }
  if (const auto index = value("JOB_COMPLETION_INDEX"))
    return checked(*index, count,
                   "JOB_COMPLETION_INDEX = " + std::to_string(*index) + " of " +
                       std::to_string(count) + " shards (--shards)");
  return std::nullopt;
}

std::vector<int> assign_shards(const std::vector<Job>& jobs, int count) {
  std::vector<std::size_t> order(jobs.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return std::pair(-jobs[a].sound_seconds, std::string_view(jobs[a].id)) <
           std::pair(-jobs[b].sound_seconds, std::string_view(jobs[b].id));
  });
  using Load = std::pair<double, int>;  // seconds, shard
  std::priority_queue<Load, std::vector<Load>, std::greater<>> least;
  for (int shard = 0; shard < count; ++shard) least.emplace(0.0, shard);
  std::vector<int> shards(jobs.size());
  for (const std::size_t i : order) {
    const auto [seconds, shard] = least.top();
    least.pop();
    shards[i] = shard;
    // A job takes some time whatever its length, so jobs of no known length are spread too.
    least.emplace(seconds + jobs[i].sound_seconds + 1, shard);
  }
  return shards;
}

std::string ledger_name(const Shard& shard) {
  if (shard.count == 1) return "ledger.sqlite";
  return "ledger-" + std::to_string(shard.index) + "-of-" + std::to_string(shard.count) + ".sqlite";
}

}  // namespace visema::batch
