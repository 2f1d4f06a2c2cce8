#include <unistd.h>

#include "command.h"
#include "visema/batch/worker.h"

namespace visema::cli {
namespace {

/// The process that paints for the workers of `visema batch`; nobody calls it by hand.
class BatchPainter : public Command {
 public:
  std::string name() const override { return "batch-painter"; }
  std::string summary() const override { return "Paint what the workers of a batch ask for."; }
  std::string examples() const override { return ""; }
  bool hidden() const override { return true; }

  void declare(ConfigFields& fields) override {
    fields.add("batch-painter.parent", parent_, 0, INT32_MAX, "process to end with");
  }

  std::optional<Outcome> run_without_engine() override {
    batch::die_with(parent_);  // before the engine, which takes its time to load
    return std::nullopt;
  }

  Outcome run(const Workplace& workplace) override {
    workplace.engine.serve_painter(batch::kPainterListener, STDIN_FILENO, workplace.stop);
    return {};
  }

 private:
  int parent_ = 0;
};

}  // namespace

std::unique_ptr<Command> make_batch_painter() {
  return std::make_unique<BatchPainter>();
}

}  // namespace visema::cli
