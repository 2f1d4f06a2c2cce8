#include <algorithm>

#include "command.h"
#include "visema/batch/status.h"
#include "visema/batch/wall_clock.h"
#include "visema/core/error.h"

namespace visema::cli {
namespace {

constexpr int kSomeMissing = 7;

/// A command on the ledgers of an output folder, which needs no engine.
class LedgerCommand : public Command {
 public:
  std::vector<std::string> positional() const override { return {"out-dir"}; }
  std::vector<std::string> problems() const override {
    return out_dir_.empty() ? std::vector<std::string>{"the output folder of a batch is needed"}
                            : std::vector<std::string>{};
  }
  std::optional<Outcome> run_without_engine() override { return act(); }
  Outcome run(const Workplace&) override { return act(); }

 protected:
  virtual Outcome act() = 0;
  void add_out_dir(ConfigFields& fields) {
    fields.add(name() + ".out-dir", out_dir_, "output folder of a batch");
  }

  std::filesystem::path out_dir_;
};

class BatchStatus : public LedgerCommand {
 public:
  std::string name() const override { return "batch-status"; }
  std::string summary() const override { return "Say what has become of each job of a batch."; }
  std::string examples() const override {
    return "  visema batch status out\n"
           "  visema batch status out --json\n"
           "  visema batch status out --csv > jobs.csv\n";
  }
  void declare(ConfigFields& fields) override {
    add_out_dir(fields);
    fields.add("batch-status.json", json_, "print JSON");
    fields.add("batch-status.csv", csv_, "print CSV");
  }
  std::vector<std::string> problems() const override {
    auto problems = LedgerCommand::problems();
    if (json_ && csv_) problems.emplace_back("--json and --csv exclude each other");
    return problems;
  }

 protected:
  Outcome act() override {
    const auto jobs = batch::jobs_in(out_dir_);
    std::string text = json_  ? batch::status_json(jobs)
                       : csv_ ? batch::status_csv(jobs)
                              : batch::status_table(jobs);
    while (text.ends_with('\n') || text.ends_with('\r')) text.pop_back();
    return {text, {}};
  }

 private:
  bool json_ = false, csv_ = false;
};

/// Changes the state of some jobs, all ledgers of the folder together.
class BatchChange : public LedgerCommand {
 public:
  void declare(ConfigFields& fields) override {
    add_out_dir(fields);
    fields.add(name() + ".job", ids_, "id of a job; else all");
  }

 protected:
  virtual bool change(batch::Ledger& ledger, const std::string& id) = 0;
  virtual std::string what() const = 0;

  Outcome act() override {
    std::vector<std::string> missing = ids_;
    std::int64_t changed = 0;
    for (const auto& file : batch::ledgers_in(out_dir_)) {
      batch::Ledger ledger(file, batch::Ledger::Open::kExisting);
      for (const auto& record : ledger.records()) {
        const auto wanted = std::find(ids_.begin(), ids_.end(), record.id);
        if (!ids_.empty() && wanted == ids_.end()) continue;
        missing.erase(std::remove(missing.begin(), missing.end(), record.id), missing.end());
        changed += change(ledger, record.id) ? 1 : 0;
      }
    }
    if (!missing.empty())
      throw Error(ErrorCode::kUsage,
                  missing.front() + ": no such job in " + out_dir_.string() + " (--job)");
    return {std::to_string(changed) + what(), {}};
  }

 private:
  std::vector<std::string> ids_;
};

class BatchRetry : public BatchChange {
 public:
  std::string name() const override { return "batch-retry"; }
  std::string summary() const override { return "Let failed and cancelled jobs wait again."; }
  std::string examples() const override {
    return "  visema batch retry out\n"
           "  visema batch retry out --job intro-17 --job intro-18\n"
           "\nA batch that runs takes them at once, else the next one with --resume.\n";
  }

 protected:
  bool change(batch::Ledger& ledger, const std::string& id) override {
    return ledger.retry(id, batch::now_ms());
  }
  std::string what() const override { return " jobs wait again"; }
};

class BatchCancel : public BatchChange {
 public:
  std::string name() const override { return "batch-cancel"; }
  std::string summary() const override { return "Give up jobs that wait or run."; }
  std::string examples() const override {
    return "  visema batch cancel out --job intro-17\n"
           "  visema batch cancel out\n";
  }

 protected:
  bool change(batch::Ledger& ledger, const std::string& id) override { return ledger.cancel(id); }
  std::string what() const override { return " jobs are cancelled"; }
};

std::string lines_of(const std::vector<std::string>& names, const std::string& before) {
  std::string text;
  for (const auto& name : names) text.append("\n").append(before).append(name);
  return text;
}

class BatchMerge : public LedgerCommand {
 public:
  std::string name() const override { return "batch-merge"; }
  std::string summary() const override {
    return "Join the ledgers of all shards and say what is missing.";
  }
  std::string examples() const override {
    return "  visema batch merge out\n\nExit code: 0 every job is done and its video there, else "
           "7.\n";
  }
  void declare(ConfigFields& fields) override { add_out_dir(fields); }

 protected:
  Outcome act() override {
    const batch::MergeReport report = batch::merge_ledgers(out_dir_);
    std::string text = std::to_string(report.jobs.done) + " of " +
                       std::to_string(report.jobs.total() + report.missing_jobs.size()) +
                       " jobs done, " + std::to_string(report.jobs.failed) + " failed, " +
                       std::to_string(report.jobs.waiting + report.jobs.running) + " waiting" +
                       lines_of(report.missing_shards, "missing ledger of shard ") +
                       lines_of(report.missing_jobs, "missing job ") +
                       lines_of(report.missing_outputs, "missing video of job ");
    return {text, {}, false, report.complete() ? 0 : kSomeMissing};
  }
};

}  // namespace

std::unique_ptr<Command> make_batch_status() {
  return std::make_unique<BatchStatus>();
}
std::unique_ptr<Command> make_batch_retry() {
  return std::make_unique<BatchRetry>();
}
std::unique_ptr<Command> make_batch_cancel() {
  return std::make_unique<BatchCancel>();
}
std::unique_ptr<Command> make_batch_merge() {
  return std::make_unique<BatchMerge>();
}

}  // namespace visema::cli
