#include "command.h"
#include "fields.h"
#include "files.h"

namespace visema::cli {
namespace {

class ModelInspect : public Command {
 public:
  std::string name() const override { return "model-inspect"; }
  std::string summary() const override {
    return "List the tensors of a .safetensors file, of an avatar or of a PyTorch checkpoint.";
  }
  std::string examples() const override {
    return "  visema model inspect renderer_checkpoint.pth\n"
           "  visema model inspect models/ip-lap/renderer.safetensors --json\n"
           "  visema model inspect anna.avatar\n"
           "\nNothing that a file holds is executed.\n";
  }
  std::vector<std::string> positional() const override { return {"file"}; }

  void declare(ConfigFields& fields) override {
    fields.add("model-inspect.file", file_, "file to read");
    fields.add("model-inspect.json", json_, "write JSON");
  }
  std::vector<std::string> problems() const override {
    if (file_.empty()) return {"a file is needed"};
    return {};
  }
  Files files() const override { return {{file_}, {}}; }

  Outcome run(const Workplace& workplace) override {
    Outcome outcome;
    outcome.summary = workplace.engine.inspect_model(file_, json_);
    outcome.is_listing = true;
    return outcome;
  }

 private:
  std::filesystem::path file_;
  bool json_ = false;
};

class ModelRun : public Command {
 public:
  std::string name() const override { return "model-run"; }
  std::string summary() const override {
    return "Feed named tensors through one of IP-LAP's networks.";
  }
  std::string examples() const override {
    return "  visema model run --model models/ip-lap --network landmarks \\\n"
           "      --inputs in.safetensors --out out.safetensors\n"
           "\nlandmarks: T_mels [5,80,16], T_pose [5,2,74], Nl_pose [15,2,74], Nl_content\n"
           "[15,2,57]; renderer: face [3,128,128], target_sketches [5,3,128,128], ref_img and\n"
           "ref_sketch [N,3,128,128], audio_mel [80,16].\n";
  }

  void declare(ConfigFields& fields) override {
    fields.add("model-run.model", options_.model, "folder that `visema import ip-lap` wrote");
    add_word(fields, "model-run.network", options_.network, {"landmarks", "renderer"},
             "which of its networks");
    fields.add("model-run.inputs", options_.inputs, "safetensors file to read");
    fields.add("model-run.out", options_.out, "safetensors file to write");
    add_compute(fields, "model-run", options_.compute);
  }
  std::vector<std::string> problems() const override {
    std::vector<std::string> all;
    if (options_.model.empty()) all.emplace_back("--model is needed");
    if (options_.inputs.empty()) all.emplace_back("--inputs is needed");
    if (options_.out.empty()) all.emplace_back("--out is needed");
    if (same_file(options_.inputs, options_.out))
      all.emplace_back("--inputs and --out name the same file");
    return all;
  }
  Files files() const override { return {{options_.inputs}, {options_.out}}; }

  Outcome run(const Workplace& workplace) override {
    workplace.engine.run_model(options_);
    Outcome outcome;
    outcome.summary = options_.out.string() + ": written";
    return outcome;
  }

 private:
  session::ModelRunOptions options_;
};

}  // namespace

std::unique_ptr<Command> make_model_inspect() {
  return std::make_unique<ModelInspect>();
}
std::unique_ptr<Command> make_model_run() {
  return std::make_unique<ModelRun>();
}

}  // namespace visema::cli
