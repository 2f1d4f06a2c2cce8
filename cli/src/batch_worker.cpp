#include "batch_format.h"
#include "command.h"
#include "fields.h"
#include "visema/batch/worker.h"

namespace visema::cli {
namespace {

/// The process that renders for `visema batch`; nobody calls it by hand.
class BatchWorker : public Command {
 public:
  std::string name() const override { return "batch-worker"; }
  std::string summary() const override { return "Render what a batch sends to standard input."; }
  std::string examples() const override { return ""; }
  bool hidden() const override { return true; }

  void declare(ConfigFields& fields) override {
    fields.add("batch-worker.parent", parent_, 0, INT32_MAX, "process to end with");
  }

  std::optional<Outcome> run_without_engine() override {
    batch::die_with(parent_);  // before the engine, which takes its time to load
    return std::nullopt;
  }

  Outcome run(const Workplace& workplace) override {
    const auto installed = workplace.engine.default_model_paths();
    const auto options_of = [&](const batch::JobOptions& texts) {
      session::RenderOptions options = render_options(texts);
      resolve_models(options, installed);
      return options;
    };
    batch::serve({workplace.engine, options_of, workplace.stop});
    return {};
  }

 private:
  int parent_ = 0;
};

}  // namespace

std::unique_ptr<Command> make_batch_worker() {
  return std::make_unique<BatchWorker>();
}

}  // namespace visema::cli
