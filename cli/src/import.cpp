#include "command.h"
#include "fields.h"

namespace visema::cli {
namespace {

class Import : public Command {
 public:
  std::string name() const override { return "import"; }
  std::string summary() const override {
    return "Bring a network that others published into Visema's own form.";
  }
  std::string examples() const override {
    return "  visema import syncnet syncnet_v2.model\n"
           "  visema import syncnet syncnet_v2.model --out syncnet.safetensors\n"
           "\nsyncnet: the SyncNet of Chung and Zisserman (2016), with which `visema eval` then\n"
           "reports LSE-D and LSE-C. Nothing that a file holds is executed.\n";
  }
  std::vector<std::string> positional() const override { return {"network", "file"}; }

  void declare(ConfigFields& fields) override {
    add_word(fields, "import.network", options_.network, {"syncnet"},
             "which network the file holds");
    fields.add("import.file", options_.file, "file to read");
    fields.add("import.out", options_.out, "file to write; else NETWORK.safetensors of --models");
    add_models(fields, "import", options_.models);
  }

  std::vector<std::string> problems() const override {
    if (options_.file.empty()) return {"--file is needed"};
    return {};
  }

  Files files() const override { return {{options_.file}, {options_.out}}; }

  Outcome run(const Workplace& workplace) override {
    options_.models = resolve(options_.models, workplace.engine.default_model_paths());
    const auto written = workplace.engine.import_network(options_);
    Outcome outcome;
    outcome.summary =
        written.string() + ": written; `visema eval` looks for it in the folder of --models";
    return outcome;
  }

 private:
  session::ImportOptions options_;
};

}  // namespace

std::unique_ptr<Command> make_import() {
  return std::make_unique<Import>();
}

}  // namespace visema::cli
