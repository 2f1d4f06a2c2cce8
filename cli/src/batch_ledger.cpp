#include <algorithm>
#include <set>

#include "command.h"
#include "visema/batch/status.h"
#include "visema/batch/wall_clock.h"
#include "visema/core/error.h"

namespace visema::cli {
namespace {

constexpr int kSomeMissing = 7;
constexpr std::string_view kAllJobs = "*";

/// "a; b" -> its ids; nothing where one of them is empty.
std::optional<std::vector<std::string>> ids_in(std::string_view text) {
  std::vector<std::string> ids;
  for (bool more = true; more;) {
    const std::size_t end = std::min(text.find(';'), text.size());
    const std::string_view part = text.substr(0, end);
    const std::size_t first = part.find_first_not_of(' ');
    if (first == std::string_view::npos) return std::nullopt;
    ids.emplace_back(part.substr(first, part.find_last_not_of(' ') - first + 1));
    more = end < text.size();
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return ids;
}

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
    fields.add({name() + ".job", "id of a job; else all", "ids with ; between them, or * for all",
                [this] { return text_of_ids(); },
                [this](std::string_view text) { return set_ids(text); }, true});
  }

 protected:
  virtual bool change(batch::Ledger& ledger, const std::string& id) = 0;
  virtual std::string what() const = 0;

  Outcome act() override {
    refuse_unknown_ids();
    std::int64_t changed = 0;
    for (const auto& file : batch::ledgers_in(out_dir_)) {
      batch::Ledger ledger(file, batch::Ledger::Open::kExisting);
      for (const auto& record : ledger.records())
        if (ids_.empty() || ids_.contains(record.id)) changed += change(ledger, record.id) ? 1 : 0;
    }
    return {std::to_string(changed) + what(), {}};
  }

 private:
  /// All of them before the first change.
  void refuse_unknown_ids() const {
    if (ids_.empty()) return;
    std::set<std::string> unknown = ids_;
    for (const auto& record : batch::jobs_in(out_dir_)) unknown.erase(record.id);
    std::string text;
    for (const std::string& id : unknown)
      text.append(text.empty() ? "" : "\n")
          .append(id)
          .append(": no such job in ")
          .append(out_dir_.string())
          .append(" (--job)");
    if (!text.empty()) throw Error(ErrorCode::kUsage, text);
  }

  std::string text_of_ids() const {
    std::string text;
    for (const std::string& id : ids_) text += (text.empty() ? "" : "; ") + id;
    return text.empty() ? std::string(kAllJobs) : text;
  }

  bool set_ids(std::string_view text) {
    auto ids = text == kAllJobs ? std::vector<std::string>() : ids_in(text);
    if (ids) ids_ = {ids->begin(), ids->end()};
    return ids.has_value();
  }

  std::set<std::string> ids_;  // empty: all
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
                       lines_of(report.outdated_shards, "not run with the last job file: shard ") +
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
