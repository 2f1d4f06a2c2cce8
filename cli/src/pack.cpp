#include <cstdio>
#include <sstream>

#include "command.h"
#include "fields.h"
#include "visema/core/version.h"
#include "visema/session/compact.h"

namespace visema::cli {
namespace {

constexpr int kMostWorkers = 256;
constexpr int kMostPartMib = 1024;

std::string json_of(const session::CompactReport& report) {
  std::ostringstream json;
  json << "{\n  \"clips\": " << report.clips << ",\n  \"parts\": " << report.parts
       << ",\n  \"bytes\": " << report.bytes << ",\n  \"pack_bytes\": " << report.pack_bytes
       << ",\n  \"mesh_rms\": " << report.errors.mesh_rms
       << ",\n  \"mesh_most\": " << report.errors.mesh_most
       << ",\n  \"lips_rms\": " << report.errors.lips_rms
       << ",\n  \"points_rms_px\": " << report.errors.points_rms_px
       << ",\n  \"points_most_px\": " << report.errors.points_most_px
       << ",\n  \"mel_most\": " << report.errors.mel_most << ",\n  \"version\": \"" << kVersion
       << "\"\n}\n";
  return json.str();
}

std::string mib(std::int64_t bytes) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f MiB", static_cast<double>(bytes) / (1 << 20));
  return text;
}

class Pack : public Command {
 public:
  std::string name() const override { return "pack"; }
  std::string summary() const override {
    return "Write a training pack small, in parts that travel to another machine.";
  }
  std::string examples() const override {
    return "  visema pack --in pack --out compact\n"
           "  visema pack --in pack --out compact --part-mib 15 --crop-crf 26\n"
           "\nmodels/training/unpack.py makes a training pack of the parts again.\n";
  }
  bool reports() const override { return true; }

  void declare(ConfigFields& fields) override {
    fields.add("pack.in", options_.pack, "folder of a training pack (visema prepare)");
    fields.add("pack.out", options_.out, "folder of the compact pack, made when missing");
    fields.add("pack.part-mib", part_mib_, 1, kMostPartMib, "largest size of a part, MiB");
    fields.add("pack.crop-crf", options_.crop_crf, 0, 51,
               "x264's quality of the face crops, less is better and larger");
    fields.add("pack.mouth-crf", options_.mouth_crf, 0, 51, "the same of the mouth pictures");
    fields.add("pack.workers", options_.workers, 0, kMostWorkers,
               "groups of clips at a time, 0 takes all cores");
  }

  std::vector<std::string> problems() const override {
    std::vector<std::string> problems;
    if (options_.pack.empty()) problems.emplace_back("--in is needed");
    if (options_.out.empty()) problems.emplace_back("--out is needed");
    if (!options_.pack.empty() && options_.pack == options_.out)
      problems.emplace_back("--in and --out must be two folders");
    return problems;
  }

  Files files() const override { return {{options_.pack / "pack.json"}, {}}; }

  Outcome run(const Workplace& workplace) override {
    options_.part_bytes = std::int64_t{part_mib_} << 20;
    const auto report = workplace.engine.compact(options_, workplace.progress, workplace.stop);
    return {options_.out.string() + ": " + std::to_string(report.clips) + " clips in " +
                std::to_string(report.parts) + (report.parts == 1 ? " part, " : " parts, ") +
                mib(report.bytes) + " for " + mib(report.pack_bytes),
            json_of(report)};
  }

 private:
  session::CompactOptions options_;
  int part_mib_ = 30;
};

}  // namespace

std::unique_ptr<Command> make_pack() {
  return std::make_unique<Pack>();
}

}  // namespace visema::cli
