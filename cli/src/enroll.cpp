#include <cstdio>

#include "command.h"
#include "fields.h"
#include "files.h"

namespace visema::cli {
namespace {

using session::AdaptReport;

constexpr double kMostMinutes = 1000;
constexpr std::int64_t kMostSteps = 1'000'000;

std::string text_of(const AdaptReport& adapt) {
  char text[400];
  std::snprintf(text, sizeof text,
                "\n  %lld steps in %.1f min on %lld frames; on %lld others, before and after:\n"
                "  L1 %.4f, %.4f; mouth L1 %.4f, %.4f; PSNR %.2f, %.2f dB; sharpness %.3f, %.3f",
                static_cast<long long>(adapt.steps), adapt.minutes,
                static_cast<long long>(adapt.learning_frames),
                static_cast<long long>(adapt.held_out_frames), adapt.before.l1, adapt.after.l1,
                adapt.before.mouth_l1, adapt.after.mouth_l1, adapt.before.psnr_db,
                adapt.after.psnr_db, adapt.before.sharpness, adapt.after.sharpness);
  return (adapt.kept
              ? " with a generator of its own" + std::string(text)
              : "; the generator got no better on it and stays the original" + std::string(text));
}

class Enroll : public Command {
 public:
  std::string name() const override { return "enroll"; }
  std::string summary() const override {
    return "Do once what depends on a source alone, and keep it as an avatar file.";
  }
  std::string examples() const override {
    return "  visema enroll --source presenter.mp4 --out presenter.avatar\n"
           "  visema enroll --source group.jpg --face left --out anna.avatar\n"
           "  visema enroll --source anna.mp4 --adapt 3 --out anna.avatar\n"
           "\n--adapt teaches the network that paints the mouth this person's lips and skin, for\n"
           "some minutes, from a video in which they talk; 10 s and more of it are good. The\n"
           "avatar brings the network along, 2.6 MB, and render, live and batch use it unless\n"
           "--weights is given. A part of the frames is kept apart to see whether it got better;\n"
           "if not, the network stays as it was. With --adapt-steps in place of --adapt the same\n"
           "--seed and --threads give the same avatar on the CPU of one machine; how far minutes\n"
           "reach differs.\n";
  }
  bool reports() const override { return true; }

  void declare(ConfigFields& fields) override {
    fields.add("enroll.source", options_.source, "picture or video with the face");
    fields.add("enroll.out", options_.out, "avatar file to write");
    add_face(fields, "enroll.face", options_.face, options_.face_index);
    add_occlusion(fields, "enroll.occlusion", options_.occlusion);
    add_style(fields, "enroll.style", options_.style);
    fields.add("enroll.adapt", options_.adapt.minutes, 0.0, kMostMinutes,
               "minutes to adapt the painting network to the video's face, 0: none");
    fields.add("enroll.adapt-steps", options_.adapt.steps, std::int64_t{0}, kMostSteps,
               "steps of 4 frames to adapt it, in place of minutes or as a bound, 0: no bound");
    fields.add("enroll.seed", seed_, std::int64_t{0}, INT64_MAX,
               "of the order in which --adapt takes the frames");
    add_compute(fields, "enroll", options_.compute);
    add_models(fields, "enroll", options_.models);
    add_quality(fields, "enroll", options_.models, "--adapt teaches the standard one");
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
    workplace.engine.require_models(options_.models, options_.adapt.wanted()
                                                         ? session::ModelUse::kRender
                                                         : session::ModelUse::kTrack);
    options_.adapt.seed = static_cast<std::uint64_t>(seed_);
    const session::EnrollReport report =
        workplace.engine.enroll(options_, workplace.progress, workplace.log, workplace.stop);
    return {options_.out.string() + ": enrolled" + (report.adapt ? text_of(*report.adapt) : ""),
            workplace.engine.enroll_report_json(report)};
  }

 private:
  session::EnrollOptions options_;
  std::int64_t seed_ = 1;
};

}  // namespace

std::unique_ptr<Command> make_enroll() {
  return std::make_unique<Enroll>();
}

}  // namespace visema::cli
