#include "sound_lengths.h"

#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <span>
#include <system_error>

#include "durable.h"
#include "visema/core/error.h"
#include "visema/core/sha256.h"

namespace visema::batch {
namespace {

using nlohmann::json;

std::string name_of_plan(const std::vector<Job>& jobs) {
  std::map<std::string, std::string> sounds;
  for (const Job& job : jobs) sounds[job.id] = job.sound();
  std::string all;
  for (const auto& [id, sound] : sounds) {
    std::error_code gone;
    const auto bytes = std::filesystem::file_size(sound, gone);
    all.append(id).append("\n").append(sound).append("\n");
    all.append(std::to_string(gone ? 0 : bytes)).append("\n");
  }
  return "plan-" + sha256_hex(std::as_bytes(std::span(all))).substr(0, 16) + ".json";
}

json read_plan(const std::filesystem::path& path) {
  std::ifstream file(path);
  json plan = json::parse(file, nullptr, false);
  if (!plan.is_object())
    throw Error(ErrorCode::kInput, path.string() + ": cannot be read; remove it to begin it anew");
  return plan;
}

/// Gives the plan its name unless another process was first.
void publish(const std::filesystem::path& path, const std::string& text) {
  const std::filesystem::path mine = path.string() + "." + std::to_string(getpid());
  write_durably(mine, text);
  const int code = link(mine.c_str(), path.c_str());
  const int why = errno;
  std::error_code ignored;
  std::filesystem::remove(mine, ignored);
  if (code != 0 && why != EEXIST)
    throw Error(ErrorCode::kOutput,
                path.string() + ": cannot be written: " + std::generic_category().message(why));
}

}  // namespace

std::string measure_sounds(std::vector<Job>& jobs, const std::filesystem::path& state_folder,
                           const SoundLength& length) {
  std::string name = name_of_plan(jobs);
  const auto path = state_folder / name;
  if (!std::filesystem::exists(path)) {
    std::map<std::string, double> known;  // many jobs may speak one sound
    json plan = json::object();
    for (const Job& job : jobs) {
      const auto [place, fresh] = known.emplace(job.sound(), 0.0);
      if (fresh) place->second = length(job.sound());
      plan[job.id] = place->second;
    }
    publish(path, plan.dump());
  }
  const json plan = read_plan(path);
  for (Job& job : jobs) job.sound_seconds = plan.value(job.id, 0.0);
  return name;
}

std::vector<std::string> planned_ids(const std::filesystem::path& state_folder,
                                     const std::string& name) {
  std::vector<std::string> ids;
  const json plan = read_plan(state_folder / name);
  for (const auto& [id, seconds] : plan.items()) ids.push_back(id);
  return ids;
}

}  // namespace visema::batch
