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
           "  visema import ip-lap --landmarks landmarkgenerator_checkpoint.pth \\\n"
           "      --renderer renderer_checkpoint.pth --out models/ip-lap\n"
           "\nsyncnet: the SyncNet of Chung and Zisserman (2016), with which `visema eval` then\n"
           "reports LSE-D and LSE-C. ip-lap: both networks of Zhong et al. (2023); --out is a "
           "folder.\n"
           "Nothing that a file holds is executed.\n";
  }
  std::vector<std::string> positional() const override { return {"network", "file"}; }

  void declare(ConfigFields& fields) override {
    add_word(fields, "import.network", options_.network, {"syncnet", "ip-lap"},
             "which network the file holds");
    fields.add("import.file", options_.file, "file to read");
    fields.add("import.landmarks", options_.landmarks, "ip-lap: landmarkgenerator_checkpoint.pth");
    fields.add("import.renderer", options_.renderer, "ip-lap: renderer_checkpoint.pth");
    fields.add(
        "import.out", options_.out,
        "file to write, of ip-lap the folder; else NETWORK.safetensors or ip-lap of --models");
    add_models(fields, "import", options_.models);
  }

  std::vector<std::string> problems() const override {
    std::vector<std::string> all;
    const auto need = [&](const std::filesystem::path& path, bool here, const char* option) {
      if (here == path.empty())
        all.push_back(std::string(option) + (here ? " is needed" : " does not belong to ") +
                      (here ? "" : options_.network));
    };
    need(options_.file, !pair(), "--file");
    need(options_.landmarks, pair(), "--landmarks");
    need(options_.renderer, pair(), "--renderer");
    return all;
  }

  Files files() const override {
    if (pair()) return {{options_.landmarks, options_.renderer}, {}};
    return {{options_.file}, {options_.out}};
  }

  Outcome run(const Workplace& workplace) override {
    options_.models = resolve(options_.models, workplace.engine.default_model_paths());
    const auto written = workplace.engine.import_network(options_);
    Outcome outcome;
    outcome.summary = written.string() + ": written; ";
    outcome.summary += pair() ? "for --model of `visema render`"
                              : "`visema eval` looks for it in the folder of --models";
    return outcome;
  }

 private:
  bool pair() const { return options_.network == "ip-lap"; }

  session::ImportOptions options_;
};

}  // namespace

std::unique_ptr<Command> make_import() {
  return std::make_unique<Import>();
}

}  // namespace visema::cli
