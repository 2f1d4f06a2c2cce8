#include <iostream>

#include "commands.h"
#include "flags.h"
#include "ip_lap_commands.h"
#include "renderer_loss_text.h"
#include "renderer_training.h"

namespace visema::training {
namespace {

std::vector<Flag> flag_table() {
  return {
      {"arch", "NAME", "visema", "visema, or ip-lap: IP-LAP's renderer (with --help: its flags)"},
      {"pack", "DIR", "", "training pack, written by visema prepare"},
      {"face", "FILE", "", "canonical_face.safetensors; without it the one in DIR"},
      {"out", "FILE", "", "weights to write (safetensors)"},
      {"size", "NAME", "standard", "of the generator: light, standard or large"},
      {"from", "FILE", "", "weights of a generator to begin with, of this size or narrower"},
      {"teacher", "FILE", "", "weights of a generator to learn from beside the real pictures"},
      {"teacher-weight", "W", "1", "weight of the difference from the teacher's pictures"},
      {"measure", "FILE", "", "measure these weights on the held-out persons; nothing is trained"},
      {"loss", "NAME=W,...", to_text(RendererLossWeights()), "weights of the loss's parts"},
      {"perceptual", "FILE", "",
       "models/mobilenet_features.safetensors: mouths are also compared by what it sees"},
      {"minutes", "M", "50", "time to train, 0: no limit"},
      {"steps", "N", "0", "steps to train, 0: no limit"},
      {"batch", "N", "8", "pictures a step"},
      {"lr", "R", "4e-4", "learning rate at its highest"},
      {"window", "PX", "144", "side of the windows of a crop to train on, a multiple of 16"},
      {"adversarial", "W", "0.02", "weight of the adversary, 0: none"},
      {"adversarial-from", "F", "0.4", "share of the budget after which it starts"},
      {"resume", "", "", "go on from FILE.checkpoint"},
      {"seed", "N", "1", "of all that is random"},
      {"samples", "DIR", "", "folder for sheets of validation pictures"},
      {"log", "FILE", "", "append the log to this tab-separated file; FILE.html draws it"},
      {"validate-every", "M", "4", "minutes between validations"},
      {"validate-count", "N", "48", "pictures of held-out persons that a validation sees"},
      {"loaders", "N", "1", "threads that make batches"},
      {"threads", "N", "0", "threads of the network, 0: all cores"},
      {"device", "NAME", "auto", "auto, cpu or cuda"},
      {"precision", "NAME", "fp32", "auto, fp32 or bf16"},
  };
}

RendererTraining from_flags(const Flags& flags) {
  RendererTraining training;
  training.pack = flags.text("pack");
  if (flags.has("face")) training.face = flags.text("face");
  if (!flags.has("measure")) training.out = flags.text("out");
  training.config = renderer_config(flags.text("size"));
  if (flags.has("from")) training.from = flags.text("from");
  if (flags.has("teacher")) training.teacher = flags.text("teacher");
  training.teacher_weight = flags.real("teacher-weight", 0, 100);
  training.loss = parse_renderer_loss("--loss", flags.text("loss"));
  if (flags.has("perceptual")) training.perceptual = flags.text("perceptual");
  if (flags.has("samples")) training.samples = flags.text("samples");
  training.budget = {flags.real("minutes", 0, 1e6), flags.integer("steps", 0, 1'000'000'000)};
  training.batch = flags.integer("batch", 1, 4096);
  training.rate = flags.real("lr", 1e-8, 1);
  training.window_px = flags.integer("window", 16, 4096) / 16 * 16;
  training.adversarial = flags.real("adversarial", 0, 10);
  training.adversarial_from = flags.real("adversarial-from", 0, 1);
  training.resume = flags.has("resume");
  training.seed = static_cast<std::uint64_t>(flags.integer("seed", 0, 1'000'000'000));
  training.validate_minutes = flags.real("validate-every", 0.01, 1e6);
  training.validation_count = static_cast<int>(flags.integer("validate-count", 1, 1'000'000));
  training.loaders = static_cast<int>(flags.integer("loaders", 1, 256));
  training.command = flags.line();
  training.compute = resolve({flags.text("device"), flags.text("precision"),
                              static_cast<int>(flags.integer("threads", 0, 1024))});
  return training;
}

}  // namespace

int train_renderer(const std::vector<std::string>& args) {
  if (wants_ip_lap(args)) return train_ip_lap_renderer(args);
  const Flags flags("renderer", flag_table(), args);
  if (flags.help_wanted()) {
    std::cout << flags.help();
    return 0;
  }
  TrainLog log(flags.has("log") ? flags.text("log") : "");
  if (flags.has("measure"))
    measure(from_flags(flags), flags.text("measure"), log);
  else
    train(from_flags(flags), log);
  return 0;
}

}  // namespace visema::training
