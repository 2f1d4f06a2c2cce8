#include <sstream>

#include "command.h"
#include "fields.h"
#include "visema/core/version.h"

namespace visema::cli {
namespace {

constexpr int kMostWorkers = 256;

std::string json_of(const session::PrepareReport& report) {
  std::ostringstream json;
  json << "{\n  \"clips\": " << report.clips << ",\n  \"dropped\": " << report.dropped
       << ",\n  \"silenced\": " << report.silenced << ",\n  \"frames\": " << report.frames
       << ",\n  \"crops\": " << report.crops << ",\n  \"persons\": " << report.persons
       << ",\n  \"version\": \"" << kVersion << "\"\n}\n";
  return json.str();
}

class Prepare : public Command {
 public:
  std::string name() const override { return "prepare"; }
  std::string summary() const override {
    return "Turn talking clips into a training pack for visema-train.";
  }
  std::string examples() const override {
    return "  visema prepare --data clips --out pack\n"
           "  visema prepare --data clips --out small --limit 20 --workers 2\n";
  }
  bool reports() const override { return true; }

  void declare(ConfigFields& fields) override {
    fields.add("prepare.data", options_.data, "folder with clips.tsv (docs/training-pack.md)");
    fields.add("prepare.out", options_.out, "folder of the pack, made when missing");
    fields.add("prepare.workers", options_.workers, 0, kMostWorkers,
               "clips at a time, 0 takes all cores");
    fields.add("prepare.limit", options_.limit, std::int64_t{0}, INT64_MAX,
               "clips to take, 0 takes all");
    fields.add("prepare.faces", options_.faces,
               "whole faces too, for visema-train renderer --arch ip-lap");
    auto& limits = options_.limits;
    fields.add("prepare.min-tracked", limits.min_tracked, 0, 1,
               "least share of a clip's frames that hold a face");
    fields.add("prepare.min-face-px", limits.min_face_px, 0, 10000,
               "least distance of the outer eye corners, pixels, median over a clip");
    fields.add("prepare.min-sharpness", limits.min_sharpness, 0, 10,
               "least sharpness of the mouth (docs/training-pack.md)");
    fields.add("prepare.min-sync-margin", limits.min_sync_margin, -1, 2,
               "least sync.margin; with less, a clip's sound is left out");
    fields.add("prepare.max-sync-offset", limits.max_sync_offset, 0, 15,
               "most frames of 40 ms between mouth and sound; with more, the sound is left out");
    fields.add("prepare.min-sync-seconds", limits.min_sync_seconds, 0, 3600,
               "seconds of speech that sync is judged by; the sound of clips with less stays");
    add_models(fields, "prepare", options_.models);
  }

  std::vector<std::string> problems() const override {
    std::vector<std::string> problems;
    if (options_.data.empty()) problems.emplace_back("--data is needed");
    if (options_.out.empty()) problems.emplace_back("--out is needed");
    return problems;
  }

  Files files() const override { return {{options_.data / "clips.tsv"}, {}}; }

  Outcome run(const Workplace& workplace) override {
    options_.models = resolve(options_.models, workplace.engine.default_model_paths());
    workplace.engine.require_models(options_.models, session::ModelUse::kPrepare);
    const auto report =
        workplace.engine.prepare(options_, workplace.progress, workplace.log, workplace.stop);
    return {options_.out.string() + ": " + std::to_string(report.clips) + " clips of " +
                std::to_string(report.persons) + " persons, " + std::to_string(report.frames) +
                " frames, " + std::to_string(report.crops) + " crops; " +
                std::to_string(report.dropped) + " clips left out, of " +
                std::to_string(report.silenced) + " the sound",
            json_of(report)};
  }

 private:
  session::PrepareOptions options_;
};

}  // namespace

std::unique_ptr<Command> make_prepare() {
  return std::make_unique<Prepare>();
}

}  // namespace visema::cli
