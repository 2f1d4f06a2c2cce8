#include "visema/batch/batch.h"

#include <signal.h>
#include <unistd.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>

#include "batch_format.h"
#include "command.h"
#include "fields.h"
#include "files.h"
#include "render_fields.h"
#include "visema/batch/job_file.h"
#include "visema/core/error.h"

namespace visema::cli {
namespace {

/// Exit code when the batch ran to its end and not all jobs succeeded.
constexpr int kSomeFailed = 7;
constexpr int kMostWorkers = 1024;
constexpr int kMostRetries = 100;
constexpr int kMostMib = 1 << 24;
constexpr double kMostMinutes = 1e6;

std::string summary_of(const batch::BatchReport& report) {
  char text[256];
  std::snprintf(
      text, sizeof text,
      "%lld of %lld jobs done (%lld before), %lld failed, %lld waiting; %.1f s of video "
      "in %.1f s (%.2fx real time, %d workers)",
      static_cast<long long>(report.jobs.done), static_cast<long long>(report.jobs.total()),
      static_cast<long long>(report.verified), static_cast<long long>(report.jobs.failed),
      static_cast<long long>(report.jobs.waiting), report.video_seconds, report.wall_seconds,
      report.wall_seconds > 0 ? report.video_seconds / report.wall_seconds : 0, report.workers);
  std::string all = text;
  if (report.painted.pictures > 0) {
    std::snprintf(text, sizeof text, "; %lld pictures painted in %lld calls",
                  static_cast<long long>(report.painted.pictures),
                  std::llround(report.painted.calls));
    all += text;
  }
  return all;
}

class Batch : public Command {
 public:
  std::string name() const override { return "batch"; }
  std::string summary() const override {
    return "Render all jobs of a file; what was finished stays finished, whatever happens.";
  }
  std::string examples() const override {
    return "  visema batch jobs.jsonl --out-dir out --workers 2\n"
           "  visema batch jobs.csv --out-dir out --resume --report batch.json\n"
           "  visema batch jobs.jsonl --out-dir out --resume --shard 3/64\n"
           "  visema batch jobs.jsonl --out-dir out --require \"sync.offset_frames in -1..1\"\n"
           "  visema batch status out\n"
           "\nExit code: 0 all jobs are done, 7 some are not. docs/batch.md describes job files, "
           "the ledger\nand runs on many machines.\n";
  }
  std::vector<std::string> positional() const override { return {"jobs"}; }
  bool reports() const override { return true; }

  void declare(ConfigFields& fields) override {
    fields.add("batch.jobs", options_.jobs, "job file, .jsonl or .csv");
    fields.add("batch.print-schema", print_schema_, "print the JSON schema of a job");
    fields.add("batch.out-dir", options_.out_dir, "folder of the videos and the ledger");
    fields.add("batch.resume", options_.resume, "go on with the ledger that is there, if any");
    fields.add("batch.workers", options_.workers, 0, kMostWorkers,
               "jobs at a time, 0 takes as many as cores and memory allow");
    fields.add<batch::PainterChoice>(
        "batch.painter", options_.painter,
        {{"auto", batch::PainterChoice::kAuto},
         {"on", batch::PainterChoice::kOn},
         {"off", batch::PainterChoice::kOff}},
        "whether one process paints for all workers, frames of several jobs together; auto where "
        "the networks run on a GPU");
    fields.add("batch.shard", shard_,
               "part of the jobs to do, I/N with I from 0, auto (a scheduler's array) or none");
    fields.add("batch.shards", shards_, 0, kMostWorkers * kMostWorkers,
               "parts in all when a scheduler gives the part, 0 takes its own count");
    fields.add("batch.retries", options_.retries, 0, kMostRetries,
               "further attempts after an error that may pass");
    fields.add("batch.fail-fast", options_.fail_fast, "end at the first job that fails");
    fields.add("batch.job-minutes", options_.job_minutes, 0.0, kMostMinutes,
               "a job that takes longer fails, 0: none does");
    fields.add("batch.job-memory-mib", memory_mib_, 0, kMostMib,
               "a job that needs more memory fails, 0: none does");
    fields.add("batch.cache", options_.cache,
               "folder of enrolled sources, to share between batches");
    fields.add("batch.cache-mib", cache_mib_, 1, kMostMib,
               "size at which the longest unused source goes");
    fields.add("batch.eval", options_.evaluate, "measure each video, as `visema eval` does");
    fields.add("batch.require", options_.requirements,
               "what a video must hold or its job fails, e.g. \"sync.offset_frames in -1..1\"");
    fields.add("batch.on-done", options_.on_done,
               "shell command for each job that has ended, with VISEMA_JOB_ID, _OUT, _STATE, "
               "_SHA256, _ERROR in its environment");
    add_render_style(fields, "batch", defaults_);
  }

  std::vector<std::string> problems() const override {
    std::vector<std::string> problems;
    if (print_schema_) return problems;
    if (options_.jobs.empty()) problems.emplace_back("a job file is needed");
    if (options_.out_dir.empty()) problems.emplace_back("--out-dir is needed");
    try {
      shard();
    } catch (const Error& error) {
      problems.emplace_back(error.what());
    }
    return problems;
  }

  Files files() const override { return print_schema_ ? Files{} : Files{{options_.jobs}, {}}; }

  std::optional<Outcome> run_without_engine() override {
    if (!print_schema_) {
      make_folder_of_report();
      return std::nullopt;
    }
    session::RenderOptions scratch;
    return Outcome{batch::job_schema(job_format(defaults_, scratch)), {}};
  }

  Outcome run(const Workplace& workplace) override {
    signal(SIGCHLD, SIG_DFL);  // who ignores it gets no exit codes
    options_.shard = shard();
    options_.job_memory_bytes = std::int64_t{memory_mib_} << 20;
    options_.cache_bytes = std::int64_t{cache_mib_} << 20;
    const auto process = [](const char* command) -> std::vector<std::string> {
      return {std::filesystem::read_symlink("/proc/self/exe").string(), command, "--parent",
              std::to_string(getpid())};
    };
    options_.worker = process("batch-worker");
    options_.painter_process = process("batch-painter");
    for (auto* folder : {&defaults_.models.models, &defaults_.models.weights})
      if (!folder->empty()) *folder = std::filesystem::absolute(*folder);
    session::RenderOptions scratch;
    const batch::BatchReport report =
        batch::run_batch(options_, job_format(defaults_, scratch), workplace.engine,
                         workplace.progress, workplace.log, workplace.stop);
    return {summary_of(report), batch::to_json(report), report.interrupted,
            report.succeeded() ? 0 : kSomeFailed};
  }

 private:
  /// Where the report lies in the output folder, which this run makes.
  void make_folder_of_report() {
    if (common().report.empty() || options_.out_dir.empty()) return;
    const auto whole = [](const std::filesystem::path& path) {
      return std::filesystem::absolute(path).lexically_normal();
    };
    const auto folder = whole(common().report).parent_path();
    const auto inside = folder.lexically_relative(whole(options_.out_dir));
    if (inside.empty() || *inside.begin() == "..") return;
    std::error_code ignored;  // who writes the report says what is wrong
    std::filesystem::create_directories(folder, ignored);
  }

  batch::Shard shard() const {
    if (shard_ == "none") return {};
    if (shard_ != "auto") return batch::parse_shard(shard_);
    return batch::scheduled_shard(shards_, [](const char* name) { return std::getenv(name); })
        .value_or(batch::Shard{});
  }

  batch::BatchOptions options_;
  session::RenderOptions defaults_;
  bool print_schema_ = false;
  std::string shard_ = "auto";
  int shards_ = 0;
  int memory_mib_ = 0;
  int cache_mib_ = 10 << 10;
};

}  // namespace

std::unique_ptr<Command> make_batch() {
  return std::make_unique<Batch>();
}

}  // namespace visema::cli
