#include <sstream>

#include "command.h"
#include "fields.h"
#include "files.h"
#include "visema/core/version.h"

namespace visema::cli {
namespace {

std::string json_of(const session::LandmarksReport& report) {
  std::ostringstream json;
  json << "{\n  \"frames\": " << report.frames
       << ",\n  \"frames_without_face\": " << report.frames_without_face
       << ",\n  \"wall_seconds\": " << report.wall_seconds << ",\n  \"version\": \"" << kVersion
       << "\"\n}\n";
  return json.str();
}

class Landmarks : public Command {
 public:
  std::string name() const override { return "landmarks"; }
  std::string summary() const override {
    return "Write the 478 points and the head pose of one face, frame by frame.";
  }
  std::string examples() const override {
    return "  visema landmarks clip.mp4 --out landmarks.jsonl\n"
           "  visema landmarks clip.mp4 --out landmarks.jsonl --overlay overlay.mp4\n"
           "  visema landmarks photo.jpg --out points.jsonl --smooth=off\n";
  }
  std::vector<std::string> positional() const override { return {"input"}; }
  bool reports() const override { return true; }

  void declare(ConfigFields& fields) override {
    fields.add("landmarks.input", options_.input, "picture or video");
    fields.add("landmarks.out", options_.out, "JSON lines to write, one object a frame");
    fields.add("landmarks.overlay", options_.overlay, "video to write with the points drawn in");
    add_face(fields, "landmarks.face", options_.face, options_.face_index);
    fields.add("landmarks.smooth", options_.smooth, "smooth the points over time");
    add_compute(fields, "landmarks", options_.compute);
    add_models(fields, "landmarks", options_.models);
  }

  std::vector<std::string> problems() const override {
    std::vector<std::string> problems;
    if (options_.input.empty()) problems.emplace_back("an input is needed");
    if (options_.out.empty()) problems.emplace_back("--out is needed");
    for (const auto& output : {options_.out, options_.overlay})
      if (same_file(options_.input, output))
        problems.push_back(output.string() + ": the output would overwrite the input");
    if (same_file(options_.out, options_.overlay))
      problems.emplace_back("--out and --overlay name the same file");
    return problems;
  }

  Files files() const override { return {{options_.input}, {options_.overlay}, {options_.out}}; }

  Outcome run(const Workplace& workplace) override {
    options_.models = resolve(options_.models, workplace.engine.default_model_paths());
    workplace.engine.require_models(options_.models, session::ModelUse::kTrack);
    const auto report = workplace.engine.extract_landmarks(options_, workplace.progress,
                                                           workplace.log, workplace.stop);
    return {options_.out.string() + ": " + std::to_string(report.frames) + " frames, " +
                std::to_string(report.frames_without_face) + " without a face",
            json_of(report)};
  }

 private:
  session::LandmarksOptions options_;
};

}  // namespace

std::unique_ptr<Command> make_landmarks() {
  return std::make_unique<Landmarks>();
}

}  // namespace visema::cli
