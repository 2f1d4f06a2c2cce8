#include "command.h"
#include "fields.h"
#include "files.h"

namespace visema::cli {
namespace {

class Enroll : public Command {
 public:
  std::string name() const override { return "enroll"; }
  std::string summary() const override {
    return "Do once what depends on a source alone, and keep it as an avatar file.";
  }
  std::string examples() const override {
    return "  visema enroll --source presenter.mp4 --out presenter.avatar\n"
           "  visema enroll --source group.jpg --face left --out anna.avatar\n";
  }

  void declare(ConfigFields& fields) override {
    fields.add("enroll.source", options_.source, "picture or video with the face");
    fields.add("enroll.out", options_.out, "avatar file to write");
    add_face(fields, "enroll.face", options_.face, options_.face_index);
    add_compute(fields, "enroll", options_.compute);
    add_models(fields, "enroll", options_.models);
  }

  std::vector<std::string> problems() const override {
    std::vector<std::string> problems;
    if (options_.source.empty()) problems.emplace_back("--source is needed");
    if (options_.out.empty()) problems.emplace_back("--out is needed");
    if (same_file(options_.source, options_.out))
      problems.push_back(options_.out.string() + ": the output would overwrite the source");
    return problems;
  }

  Files files() const override { return {{options_.source}, {options_.out}}; }

  Outcome run(const Workplace& workplace) override {
    options_.models = resolve(options_.models, workplace.engine.default_model_paths());
    workplace.engine.require_models(options_.models, session::ModelUse::kTrack);
    workplace.engine.enroll(options_, workplace.progress, workplace.log, workplace.stop);
    return {options_.out.string() + ": enrolled", {}};
  }

 private:
  session::EnrollOptions options_;
};

}  // namespace

std::unique_ptr<Command> make_enroll() {
  return std::make_unique<Enroll>();
}

}  // namespace visema::cli
