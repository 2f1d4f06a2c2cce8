#include "command.h"
#include "fields.h"
#include "visema/core/error.h"

namespace visema::cli {
namespace {

std::string line_of(const session::ModelFileStatus& file) {
  const char* mark = file.problem.empty() ? "ok      " : file.optional ? "absent  " : "MISSING ";
  if (file.present && !file.problem.empty()) mark = "DAMAGED ";
  std::string line = mark + file.path + "\n";
  if (!file.sha256.empty()) line += "          sha256 " + file.sha256 + "\n";
  if (!file.network.empty())
    line += "          network " + file.network +
            (file.version.empty() ? "" : ", version " + file.version) + "\n";
  if (!file.problem.empty()) line += "          " + file.problem + "\n";
  if (file.optional && !file.present)
    line += "          only `visema prepare` and `visema eval` need it\n";
  return line;
}

std::string text_of(const session::DoctorReport& report) {
  std::string text;
  for (const auto& version : report.versions) text += version + "\n";
  text += "processor " + report.cpu + "\n";
  text += "device " + report.device + ", precision " + report.precision + ", threads " +
          std::to_string(report.threads) + "\n";
  for (const auto& advice : report.advice) text += "SLOW    " + advice + "\n";
  for (const auto& file : report.files) text += line_of(file);
  return text + (report.ready() ? "ready" : "not ready: model files are missing or damaged");
}

class Doctor : public Command {
 public:
  std::string name() const override { return "doctor"; }
  std::string summary() const override {
    return "Say what this installation has, what is missing and which command mends it.";
  }
  std::string examples() const override {
    return "  visema doctor\n"
           "  visema doctor --precision bf16\n";
  }

  void declare(ConfigFields& fields) override {
    add_compute(fields, "doctor", compute_);
    add_models(fields, "doctor", models_);
  }

  Outcome run(const Workplace& workplace) override {
    const auto report =
        workplace.engine.doctor(resolve(models_, workplace.engine.default_model_paths()), compute_);
    return {text_of(report), {}, false, report.ready() ? 0 : static_cast<int>(ErrorCode::kModel)};
  }

 private:
  session::ComputeOptions compute_;
  session::ModelPaths models_;
};

}  // namespace

std::unique_ptr<Command> make_doctor() {
  return std::make_unique<Doctor>();
}

}  // namespace visema::cli
