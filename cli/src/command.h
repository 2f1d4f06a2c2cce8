#pragma once

#include <algorithm>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "visema/core/config_fields.h"
#include "visema/core/log.h"
#include "visema/session/facade.h"

namespace visema::cli {

/// What a subcommand works with.
struct Workplace {
  const session::Facade& engine;
  ProgressSink progress;
  LogSink log;
  std::stop_token stop;
  /// Shows where the work stands in place of the text before: on a terminal, or elsewhere as lines
  /// when that is wanted.
  std::function<void(std::string_view text, bool lines)> status;
};

/// What a subcommand leaves behind.
struct Outcome {
  std::string summary;  // for standard output; empty: nothing to say
  std::string report;   // JSON for --report
  bool interrupted = false;
  int exit_code = 0;
  bool is_listing = false;  // the summary is what was asked for: --quiet prints it too
};

/// Options that every subcommand has, beside its own.
struct CommonOptions {
  bool quiet = false;
  std::filesystem::path report;  // JSON file for the figures of the run; empty: none
};

/// Files of a run, so that a wrong name is found before the work starts.
struct Files {
  std::vector<std::filesystem::path> inputs;
  std::vector<std::filesystem::path> outputs;     // empty paths are not used
  std::vector<std::filesystem::path> texts = {};  // outputs that may be a device or a pipe too
};

/// A subcommand: its options, what must hold between them, and the work.
class Command {
 public:
  virtual ~Command() = default;
  /// "batch-status" may also be given as two words.
  virtual std::string name() const = 0;
  virtual std::string summary() const = 0;
  virtual std::string examples() const = 0;
  /// The options that arguments without a name set, in order.
  virtual std::vector<std::string> positional() const { return {}; }
  /// Not in the overview: another part of the program calls it.
  virtual bool hidden() const { return false; }
  /// Whether it has figures to report.
  virtual bool reports() const { return false; }
  /// Adds one field per option, named "NAME.option".
  virtual void declare(ConfigFields& fields) = 0;
  /// Everything that is wrong with the options together.
  virtual std::vector<std::string> problems() const { return {}; }
  virtual Files files() const { return {}; }
  /// Frames a second of the finished picture, to show progress as a multiple of real time; 0: not
  /// known.
  virtual double frames_per_second() const { return 0; }
  /// The whole work where it needs no engine, which takes half a second to load; nothing: run() it.
  virtual std::optional<Outcome> run_without_engine() { return std::nullopt; }
  virtual Outcome run(const Workplace& workplace) = 0;

  /// The name as the help shows it: "batch status".
  std::string words() const {
    std::string words = name();
    std::replace(words.begin(), words.end(), '-', ' ');
    return words;
  }
  CommonOptions& common() { return common_; }

 private:
  CommonOptions common_;
};

std::unique_ptr<Command> make_render();
std::unique_ptr<Command> make_live();
std::unique_ptr<Command> make_devices();
std::unique_ptr<Command> make_enroll();
std::unique_ptr<Command> make_landmarks();
std::unique_ptr<Command> make_eval();
std::unique_ptr<Command> make_prepare();
std::unique_ptr<Command> make_pack();
std::unique_ptr<Command> make_doctor();
std::unique_ptr<Command> make_import();
std::unique_ptr<Command> make_model_inspect();
std::unique_ptr<Command> make_model_run();
std::unique_ptr<Command> make_batch();
std::unique_ptr<Command> make_batch_status();
std::unique_ptr<Command> make_batch_retry();
std::unique_ptr<Command> make_batch_cancel();
std::unique_ptr<Command> make_batch_merge();
std::unique_ptr<Command> make_batch_worker();
std::unique_ptr<Command> make_batch_painter();

}  // namespace visema::cli
