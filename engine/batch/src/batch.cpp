#include "visema/batch/batch.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <map>
#include <optional>
#include <thread>
#include <tuple>

#include "division.h"
#include "paths.h"
#include "plan.h"
#include "sound_lengths.h"
#include "supervisor.h"
#include "visema/batch/file_lock.h"
#include "visema/batch/job_file.h"
#include "visema/batch/wall_clock.h"
#include "visema/core/error.h"

namespace visema::batch {
namespace {

using std::filesystem::path;

/// What a worker is counted with when memory decides how many there are.
constexpr std::int64_t kWorkerBytes = std::int64_t{768} << 20;
/// Workers of a killed batch need a moment to end, on another machine until that is noticed.
constexpr std::chrono::seconds kLockPatience(60);
constexpr std::chrono::milliseconds kLockInterval(100);

std::int64_t available_bytes() {
  std::ifstream file("/proc/meminfo");
  std::string name, unit;
  std::int64_t kib = 0;
  while (file >> name >> kib) {
    if (name == "MemAvailable:") return kib << 10;
    std::getline(file, unit);
  }
  return INT64_MAX;
}

int cores() {
  return static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
}

int workers_for(int wanted, std::size_t jobs) {
  if (wanted > 0) return wanted;
  const auto fit =
      static_cast<int>(std::clamp<std::int64_t>(available_bytes() / kWorkerBytes, 1, cores()));
  return std::clamp(fit, 1, static_cast<int>(std::max<std::size_t>(1, jobs)));
}

void make_folder(const path& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (!error && access(folder.c_str(), W_OK) != 0)
    error = std::error_code(errno, std::generic_category());
  if (error)
    throw Error(ErrorCode::kOutput, folder.string() + ": cannot be written: " + error.message());
}

FileLock lock_of(const path& state, const std::string& ledger, const LogSink& log,
                 const std::stop_token& stop) {
  const std::string conflict =
      state.parent_path().string() + ": another batch works on " + ledger + "; ";
  for (auto waited = kLockInterval * 0; waited < kLockPatience; waited += kLockInterval) {
    if (auto lock = FileLock::try_lock(state / (ledger + ".lock"))) return std::move(*lock);
    if (waited.count() == 0 && log)
      log(LogLevel::kWarning,
          conflict + "waiting up to " + std::to_string(kLockPatience.count()) + " s for its end");
    if (stop.stop_requested())
      throw Error(ErrorCode::kInterrupted, "interrupted before the first job");
    std::this_thread::sleep_for(kLockInterval);
  }
  throw Error(ErrorCode::kOutput, conflict + "two must not");
}

/// SHA-256 of the networks that a job uses, each set of folders read once.
class ModelHashes {
 public:
  explicit ModelHashes(const session::Facade& engine) : engine_(engine) {}
  std::string of(const Job& job) {
    session::ModelPaths models = engine_.default_model_paths();
    if (const auto& given = job.options.at("models"); !given.empty()) models.models = given;
    if (const auto& given = job.options.at("weights"); !given.empty()) models.weights = given;
    if (job.options.at("quality") == "light") models.quality = session::Quality::kLight;
    if (job.options.at("look-ahead") == "short") models.look_ahead = session::LookAhead::kShort;
    const auto place = std::tuple(models.models, models.weights, models.quality, models.look_ahead);
    const auto known = hashes_.find(place);
    if (known != hashes_.end()) return known->second;
    engine_.require_models(models, session::ModelUse::kRender);
    return hashes_[place] = engine_.render_models_sha256(models);
  }

 private:
  const session::Facade& engine_;
  std::map<
      std::tuple<path, path, std::optional<session::Quality>, std::optional<session::LookAhead>>,
      std::string>
      hashes_;
};

std::vector<Job> jobs_of_shard(std::vector<Job> jobs, const Shard& shard) {
  if (shard.count == 1) return jobs;
  const std::vector<int> shards = assign_shards(jobs, shard.count);
  std::vector<Job> own;
  for (std::size_t i = 0; i < jobs.size(); ++i)
    if (shards[i] == shard.index) own.push_back(std::move(jobs[i]));
  return own;
}

double length_of(const session::Facade& engine, const std::string& sound) {
  try {
    return engine.sound_seconds(sound);
  } catch (const Error&) {
    return 0;  // its job will say what is wrong
  }
}

std::string judgement_of(const BatchOptions& options) {
  std::string text = options.evaluate ? "eval" : "";
  for (const std::string& requirement : options.requirements) text += ";" + requirement;
  return text;
}

/// One run, in the order of its steps.
class Run {
 public:
  Run(const BatchOptions& options, const session::Facade& engine, const LogSink& log)
      : options_(options), engine_(engine), log_(log), models_(engine) {
    options_.out_dir = absolute_path(options.out_dir);
    options_.evaluate = options.evaluate || !options.requirements.empty();
    if (options_.cache.empty()) options_.cache = state_folder(options_.out_dir) / "avatars";
    options_.cache = absolute_path(options_.cache);
    for (const std::string& requirement : options.requirements)
      engine.parse_requirement(requirement);
    planning_ = {options_.out_dir, [this](const Job& job) { return models_.of(job); },
                 judgement_of(options_), options_.resume, options_.shard.count > 1};
  }

  BatchReport run(const JobFormat& format, const ProgressSink& progress, std::stop_token stop) {
    const auto begin = std::chrono::steady_clock::now();
    std::vector<Job> jobs = read_job_file(options_.jobs, options_.out_dir, format);
    const path state = state_folder(options_.out_dir);
    make_folder(options_.out_dir);
    make_folder(state / "receipts");
    const std::string name = ledger_name(options_.shard);
    const FileLock lock = lock_of(state, name, log_, stop);
    Ledger ledger = open_ledger_of(options_.out_dir, options_.shard, options_.resume, log_);
    const std::string plan = measure_sounds(
        jobs, state, [&](const std::string& sound) { return length_of(engine_, sound); });
    jobs = jobs_of_shard(std::move(jobs), options_.shard);
    for (const Job& job : jobs) make_folder((options_.out_dir / job.out).parent_path());

    BatchReport report;
    report.verified = plan_jobs(jobs, planning_, ledger, progress, log_);
    ledger.set_fact("plan", plan);
    ledger.set_fact("planned_ms", std::to_string(now_ms()));
    report.prepare_seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    options_.workers = report.workers = workers_for(options_.workers, jobs.size());
    supervise(std::move(jobs), ledger, lock, progress, std::move(stop), report);
    finish(ledger, report);
    return report;
  }

 private:
  void supervise(std::vector<Job> jobs, Ledger& ledger, const FileLock& lock,
                 const ProgressSink& progress, std::stop_token stop, BatchReport& report) {
    std::map<std::string, Job> by_id;
    for (Job& job : jobs) by_id.emplace(job.id, std::move(job));
    std::optional<PainterPost> painter;
    if (options_.painter != PainterChoice::kOff)
      painter.emplace(options_.painter_process, lock.descriptor(), log_);
    if (options_.painter == PainterChoice::kOn) painter->start();
    if (painter) painter_ = {painter->address(), options_.painter == PainterChoice::kOn};
    const auto order_of = [&](JobRecord& record) {
      const Job& job = by_id.at(record.id);
      renew_key(record, job, planning_, ledger);
      return this->order_of(job, record);
    };
    Supervisor(options_, {ledger, order_of, lock.descriptor(), painter ? &*painter : nullptr,
                          progress, log_, std::move(stop)})
        .run(report);
  }

  WorkOrder order_of(const Job& job, const JobRecord& record) const {
    WorkOrder order;
    order.id = job.id;
    order.options = job.options;
    if (order.options.at("threads") == "0")
      order.options["threads"] = std::to_string(std::max(1, cores() / options_.workers));
    order.out = job.out;
    order.out_dir = options_.out_dir.string();
    order.key = record.key;
    order.face_sha256 = record.face_sha256;
    order.sound_sha256 = record.sound_sha256;
    order.cache = options_.cache.string();
    order.cache_bytes = options_.cache_bytes;
    order.evaluate = options_.evaluate;
    order.requirements = options_.requirements;
    order.painter = painter_;
    return order;
  }

  static void finish(Ledger& ledger, BatchReport& report) {
    const auto records = ledger.records();
    report.jobs = count(records);
    for (const JobRecord& record : records)
      if (record.state == JobState::kFailed) report.failures.push_back(record);
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    report.peak_rss_bytes = static_cast<std::int64_t>(usage.ru_maxrss) * 1024;
  }

  BatchOptions options_;
  const session::Facade& engine_;
  const LogSink& log_;
  ModelHashes models_;
  PlanOptions planning_;
  session::PainterUse painter_;
};

}  // namespace

BatchReport run_batch(const BatchOptions& options, const JobFormat& format,
                      const session::Facade& engine, const ProgressSink& progress,
                      const LogSink& log, std::stop_token stop) {
  return Run(options, engine, log).run(format, progress, std::move(stop));
}

}  // namespace visema::batch
