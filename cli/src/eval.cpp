#include <exception>
#include <utility>

#include "command.h"
#include "fields.h"
#include "files.h"
#include "visema/core/error.h"

namespace visema::cli {
namespace {

/// Exit code when everything was measured and a requirement does not hold.
constexpr int kRequirementFails = 6;

class Eval : public Command {
 public:
  std::string name() const override { return "eval"; }
  std::string summary() const override {
    return "Measure lip-sync, identity and picture quality of talking-head videos.";
  }
  std::string examples() const override {
    return "  visema eval --video out.mp4\n"
           "  visema eval --video out.mp4 --reference real.mp4 --source portrait.jpg \\\n"
           "    --report report.json --html report.html\n"
           "  visema eval --dir results --reference-dir real --html table.html\n"
           "  visema eval --video out.mp4 --require \"sync.offset_frames in -1..1\" \\\n"
           "    --require \"silence.open_percent <= 2\" --junit eval.xml\n"
           "\nExit code: 0 all requirements hold, 6 one does not. docs/metrics.md explains the "
           "measures.\n";
  }
  std::vector<std::string> positional() const override { return {"video"}; }
  bool reports() const override { return true; }

  void declare(ConfigFields& fields) override {
    fields.add("eval.video", options_.video, "video to measure");
    fields.add("eval.reference", options_.reference, "the real video of the same speech");
    fields.add("eval.source", options_.source,
               "picture or video whose identity it should keep; else the reference");
    fields.add("eval.audio", options_.audio, "sound to judge it by, in place of its own");
    fields.add("eval.dir", dir_, "measure all videos of this folder");
    fields.add("eval.reference-dir", reference_dir_,
               "folder with the real videos, of the same names");
    fields.add("eval.html", html_, "HTML page to write, with plots; with --dir a table");
    fields.add("eval.junit", junit_, "JUnit XML to write");
    fields.add("eval.require", requirements_,
               "what must hold, e.g. \"sync.offset_frames in -1..1\"");
    fields.add<bool>("eval.phones", options_.phones, {{"on", true}, {"off", false}},
                     "recognise phones, for closure.*");
    fields.add<bool>("eval.syncnet", options_.syncnet, {{"on", true}, {"off", false}},
                     "measure by an imported SyncNet too, slower than real time");
    add_face(fields, "eval.face", options_.face, options_.face_index);
    add_compute(fields, "eval", options_.compute);
    add_models(fields, "eval", options_.models);
  }

  std::vector<std::string> problems() const override {
    std::vector<std::string> problems;
    const auto require = [&](bool holds, const char* text) {
      if (!holds) problems.emplace_back(text);
    };
    require(options_.video.empty() != dir_.empty(),
            dir_.empty() ? "--video or --dir is needed" : "--video and --dir exclude each other");
    require(reference_dir_.empty() || !dir_.empty(), "--reference-dir needs --dir");
    require(dir_.empty() || options_.reference.empty(), "--dir takes --reference-dir");
    require(dir_.empty() || options_.audio.empty(), "--dir and --audio exclude each other");
    return problems;
  }

  /// An input of a single video that is not there becomes an error in the JUnit file.
  Files files() const override {
    Files files = all_files({{options_.video, options_.reference}});
    if (dir_.empty() && !junit_.empty()) files.inputs.clear();
    return files;
  }

  Outcome run(const Workplace& workplace) override {
    const session::Facade& engine = workplace.engine;
    std::vector<RequirementRule> rules;
    for (const std::string& expression : requirements_)
      rules.push_back(engine.parse_requirement(expression));
    const std::vector<session::EvalPair> all = pairs(engine);
    Files files = all_files(all);
    files.texts.push_back(common().report);
    refuse_overwriting(files);
    options_.models = resolve(options_.models, engine.default_model_paths());
    engine.require_models(options_.models, session::ModelUse::kEval);

    std::vector<EvaluationReport> reports;
    Outcome outcome;
    for (const session::EvalPair& pair : all) {
      EvaluationReport report;
      try {
        report = measure(workplace, pair);
      } catch (const std::exception& error) {
        report = failure_of(pair, error);
        if (dir_.empty()) {
          judge(engine, rules, report, outcome);
          write_junit(engine, {report});
          throw;
        }
        outcome.interrupted = code_of(error) == ErrorCode::kInterrupted;
        if (outcome.interrupted) break;
        if (code_of(error) == ErrorCode::kModel) throw;
        outcome.exit_code = static_cast<int>(code_of(error));
        workplace.log(LogLevel::kWarning, report.error);
      }
      judge(engine, rules, report, outcome);
      reports.push_back(std::move(report));
    }
    if (reports.empty()) throw Error(ErrorCode::kInterrupted, dir_.string() + ": interrupted");
    write(engine, reports);
    outcome.report = dir_.empty() ? engine.evaluation_json(reports.front())
                                  : engine.evaluation_table_json(reports);
    outcome.summary = summary_of(engine, reports);
    return outcome;
  }

 private:
  Files all_files(const std::vector<session::EvalPair>& pairs) const {
    Files files{{options_.source, options_.audio}, {}, {html_, junit_}};
    for (const session::EvalPair& pair : pairs) {
      files.inputs.push_back(pair.video);
      files.inputs.push_back(pair.reference);
    }
    return files;
  }

  std::vector<session::EvalPair> pairs(const session::Facade& engine) const {
    if (dir_.empty()) return {{options_.video, options_.reference}};
    return engine.eval_pairs(dir_, reference_dir_);
  }

  EvaluationReport measure(const Workplace& workplace, const session::EvalPair& pair) const {
    session::EvalOptions options = options_;
    options.video = pair.video;
    options.reference = pair.reference;
    options.reference_dir = reference_dir_;
    const std::string name = pair.video.filename().string();
    return workplace.engine.evaluate(
        options,
        [&](std::string_view, std::int64_t done, std::int64_t total) {
          return workplace.progress(name, done, total);
        },
        workplace.log, workplace.stop);
  }

  static EvaluationReport failure_of(const session::EvalPair& pair, const std::exception& error) {
    EvaluationReport report;
    report.video.path = pair.video.string();
    report.error = describe(error);
    // What nobody foresaw does not name the file.
    if (code_of(error) == ErrorCode::kInternal) report.error.insert(0, report.video.path + ": ");
    return report;
  }

  static void judge(const session::Facade& engine, const std::vector<RequirementRule>& rules,
                    EvaluationReport& report, Outcome& outcome) {
    for (const RequirementRule& rule : rules) {
      report.requirements.push_back(engine.check_requirement(rule, report));
      if (!report.requirements.back().holds && outcome.exit_code == 0)
        outcome.exit_code = kRequirementFails;
    }
  }

  void write_junit(const session::Facade& engine,
                   const std::vector<EvaluationReport>& reports) const {
    if (!junit_.empty()) write_text_file(junit_, engine.evaluation_junit(reports));
  }

  void write(const session::Facade& engine, const std::vector<EvaluationReport>& reports) const {
    if (!html_.empty())
      write_text_file(html_, dir_.empty() ? engine.evaluation_html(reports.front())
                                          : engine.evaluation_table_html(reports));
    write_junit(engine, reports);
  }

  std::string summary_of(const session::Facade& engine,
                         const std::vector<EvaluationReport>& reports) const {
    if (dir_.empty()) {
      std::string text = engine.evaluation_text(reports.front());
      if (!text.empty() && text.back() == '\n') text.pop_back();
      return text;
    }
    std::string text = engine.evaluation_table_text(reports);
    std::size_t failed = 0;
    std::size_t bad = 0;
    for (const EvaluationReport& report : reports) {
      bad += report.error.empty() ? 0 : 1;
      for (const Requirement& r : report.requirements)
        if (!r.holds) {
          text += report.video.path + ": " + r.message + "\n";
          ++failed;
        }
    }
    return text + std::to_string(reports.size() - bad) + " videos measured" +
           (bad == 0 ? "" : ", " + std::to_string(bad) + " could not be") +
           (requirements_.empty() ? "" : ", " + std::to_string(failed) + " requirements fail");
  }

  session::EvalOptions options_;
  std::filesystem::path dir_, reference_dir_, html_, junit_;
  std::vector<std::string> requirements_;
};

}  // namespace

std::unique_ptr<Command> make_eval() {
  return std::make_unique<Eval>();
}

}  // namespace visema::cli
