#include <torch/torch.h>

#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "checkpoint_torch.h"
#include "commands.h"
#include "flags.h"
#include "flat_adamw_torch.h"
#include "ip_lap_commands.h"
#include "ip_lap_faces.h"
#include "ip_lap_plain_renderer_torch.h"
#include "ip_lap_renderer_batch_torch.h"
#include "ip_lap_renderer_loss_torch.h"
#include "ip_lap_renderer_validation_torch.h"
#include "pack_number.h"
#include "training_loop.h"
#include "training_setup_torch.h"
#include "visema/core/error.h"
#include "visema/models/ip_lap_renderer_network.h"

namespace visema::training {
namespace {

// As published: what torch.optim.Adam begins with, and 0.5 for the judge; no decay, no running
// mean.
constexpr AdamOptions kAdam = {0.9, 0.999, 1e-8, 0, 0, 0};
constexpr AdamOptions kJudgeAdam = {0.5, 0.999, 1e-8, 0, 0, 0};
constexpr double kJudgeRate = 1e-4;

const std::vector<Flag> kFlags = {
    {"arch", "NAME", "visema", "ip-lap here: the renderer of IP-LAP"},
    {"pack", "DIR", "", "training pack with whole faces (visema prepare --faces)"},
    {"out", "FILE", "", "weight file, written at every validation; FILE.ckpt is the checkpoint"},
    {"minutes", "M", "", "train for so long, earlier runs of the checkpoint counted"},
    {"steps", "N", "", "train for so many steps"},
    {"resume", "FILE", "", "checkpoint to go on from"},
    {"from", "FILE", "", "weight file to begin with (visema import ip-lap), not random weights"},
    {"batch", "N", "2", "faces in a step; published: 96"},
    {"references", "N", "3", "pictures of the same clip that a face is made from"},
    {"side", "PX", "128", "of the faces, a multiple of 16; rendering has 128"},
    {"lr", "RATE", "1e-4", "learning rate"},
    {"perceptual", "FILE", "", "models/mobilenet_features.safetensors; without it L1 alone"},
    {"l1", "W", "1", "of the L1 distance beside the perceptual one; published: 0"},
    {"warp", "W", "2.5", "of the warped references' distance from the face"},
    {"paint", "W", "4", "of the painted face's distance"},
    {"paint-from", "F", "0.1", "share of the budget after which it paints; only warps before"},
    {"adversarial", "W", "0.25", "of the judge's scores"},
    {"features", "W", "2.5", "of the distance of the judge's features; both 0: no judge"},
    {"seed", "N", "1", "of weights and samples"},
    {"device", "NAME", "auto", "auto, cpu or cuda"},
    {"threads", "N", "0", "of LibTorch, 0: all cores"},
    {"validate", "M", "10", "minutes between validations"},
    {"validate-faces", "N", "16", "faces of held-out persons in a validation"},
    {"log", "FILE", "", "append the log's lines to this file; FILE.html draws them"},
};

std::int64_t read_side(const Flags& flags) {
  const std::int64_t side = flags.integer("side", 16, kIpLapFaceSide);
  if (side % 16 != 0)
    throw Error(ErrorCode::kUsage,
                "--side " + std::to_string(side) + ": must be a multiple of 16 in 16..128");
  return side;
}

class IpLapRendererTraining {
 public:
  explicit IpLapRendererTraining(const Flags& flags)
      : setup_(flags),
        batch_(flags.integer("batch", 2, 4096)),
        rate_(flags.real("lr", 1e-8, 1)),
        weight_{flags.real("l1", 0, 1e6),          flags.real("warp", 0, 1e6),
                flags.real("paint", 0, 1e6),       flags.real("paint-from", 0, 1),
                flags.real("adversarial", 0, 1e6), flags.real("features", 0, 1e6)},
        check_{flags.integer("validate-faces", 1, 4096),
               flags.integer("references", 1, kIpLapReferences), read_side(flags), nullptr} {
    train_ = load_ip_lap_faces(setup_.pack, true, check_.references);
    held_out_ = load_ip_lap_faces(setup_.pack, false, check_.references);
    if (flags.has("perceptual")) {
      perceptual_.emplace(flags.text("perceptual"), setup_.device);
      check_.perceptual = &*perceptual_;
    }
    setup_.log.note("running on " + setup_.compute.description + "; " +
                    std::to_string(train_.size()) + " clips to train, " +
                    std::to_string(held_out_.size()) + " to validate" +
                    (perceptual_ ? "" : "; by L1 alone, without --perceptual"));
  }

  void run() {
    torch::manual_seed(setup_.seed);
    weights_ = std::make_shared<IpLapWeights>(ip_lap_renderer_tensors());
    begin();
    weights_->to(setup_.device);
    judge_ = std::make_shared<FaceJudge>();
    judge_->to(setup_.device);
    optimizer_ = std::make_unique<FlatAdamW>(*weights_, kAdam);
    judge_optimizer_ = std::make_unique<FlatAdamW>(*judge_, kJudgeAdam);
    const TrainClock clock(setup_.flags.has("resume") ? resume() : 0);
    const IpLapFaceSampler sampler(train_, check_.references, setup_.seed);
    weights_->train();
    train_steps(setup_, sampler, batch_, clock,
                {[&] { return optimizer_->steps(); },
                 [&](IpLapFaceSamples samples, double fraction) {
                   return learn({std::move(samples), check_.side, setup_.device}, fraction);
                 },
                 [&](const TrainClock& now) { measure(now); }});
  }

 private:
  struct Weight {
    double l1, warp, paint, paint_from, adversarial, features;
    bool judges() const { return adversarial > 0 || features > 0; }
  };

  torch::Tensor distance(const torch::Tensor& made, const torch::Tensor& face) const {
    const torch::Tensor l1 = (made - face).abs().mean();
    if (!perceptual_) return l1;
    return weight_.l1 * l1 + (*perceptual_)(made.flip(1), face.flip(1));
  }

  /// One step of the judge on what was painted. What the painter pays, to be added to its loss.
  torch::Tensor judge(const torch::Tensor& painted, const torch::Tensor& face, LogValues& values) {
    judge_optimizer_->zero_grad();
    const torch::Tensor loss = judge_loss(*judge_, face, painted);
    loss.backward();
    judge_optimizer_->step(kJudgeRate);
    const AdversarialLoss paid = adversarial_loss(*judge_, face, painted);
    values.emplace_back("judge", loss.item<double>());
    values.emplace_back("adversarial", paid.scores.item<double>());
    values.emplace_back("features", paid.features.item<double>());
    return weight_.adversarial * paid.scores + weight_.features * paid.features;
  }

  LogValues learn(const IpLapRendererBatch& batch, double fraction) {
    const IpLapPlainRenderer network(*weights_);
    const torch::Tensor& face = batch.input.face;
    const bool paints = fraction >= weight_.paint_from;
    const IpLapPlainRenderer::Painted made =
        paints ? network.paint(batch.input)
               : IpLapPlainRenderer::Painted{{}, network.warp(batch.input)};
    LogValues values = {{"loss", 0}};
    const torch::Tensor warp = distance(made.warped, face);
    values.emplace_back("warp", warp.item<double>());
    torch::Tensor total = weight_.warp * warp;
    if (paints) {
      const torch::Tensor paint = distance(made.face, face);
      values.emplace_back("paint", paint.item<double>());
      total = total + weight_.paint * paint;
      if (weight_.judges()) total = total + judge(made.face, face, values);
    }
    optimizer_->zero_grad();
    total.backward();
    values[0].second = total.item<double>();
    values.emplace_back("norm", optimizer_->step(rate_));
    return values;
  }

  void begin() {
    if (!setup_.flags.has("from")) return;
    const TensorFile file = TensorFile::open(setup_.flags.text("from"));
    const WeightCard card = read_weight_card(file, kIpLapRendererName, kIpLapRendererVersion);
    weights_->load(file);
    began_with_ = nlohmann::ordered_json::parse(card.card, nullptr, false);
  }

  std::vector<Trained> trained() const {
    return {{"", *optimizer_}, {"judge.", *judge_optimizer_}};
  }

  /// Minutes that the checkpoint's training took.
  double resume() {
    const auto progress = load_checkpoint(setup_.flags.text("resume"), kIpLapRendererName,
                                          trained(), weights_->statistics());
    setup_.require_pack(progress);
    return progress.at("minutes");
  }

  void measure(const TrainClock& clock) {
    const LogValues quality = validate(*weights_, held_out_, check_, setup_.device);
    setup_.log.line("valid", optimizer_->steps(), clock.minutes(), quality);
    save(quality, clock.minutes());
    save_checkpoint(setup_.checkpoint, kIpLapRendererName, trained(),
                    {{"minutes", clock.minutes()}, {"pack", pack_number(setup_.pack)}},
                    weights_->statistics());
  }

  void save(const LogValues& quality, double minutes) {
    nlohmann::ordered_json card = setup_.card(optimizer_->steps(), minutes);
    card["samples"] = batch_ * optimizer_->steps();
    std::map<std::string, std::size_t> faces;
    for (const IpLapFaceClip& clip : train_) faces[clip.source] += clip.frame.size();
    card["training_faces"] = faces;
    for (const auto& [name, value] : quality) card["held_out"][name] = value;
    if (!began_with_.is_null()) card["began_with"] = began_with_;
    weights_->save(setup_.out, {kIpLapRendererName, kIpLapRendererVersion, "{}", card.dump()});
  }

  TrainingSetup setup_;
  std::int64_t batch_;
  double rate_;
  Weight weight_;
  IpLapRendererCheck check_;
  std::vector<IpLapFaceClip> train_, held_out_;
  std::optional<PerceptualLoss> perceptual_;
  std::shared_ptr<IpLapWeights> weights_;
  std::shared_ptr<FaceJudge> judge_;
  std::unique_ptr<FlatAdamW> optimizer_, judge_optimizer_;
  nlohmann::ordered_json began_with_;  // card of --from
};

}  // namespace

int train_ip_lap_renderer(const std::vector<std::string>& args) {
  const Flags flags("renderer", kFlags, args);
  if (flags.help_wanted()) {
    TrainLog("").note(flags.help());
    return 0;
  }
  IpLapRendererTraining(flags).run();
  return stop_requested() ? static_cast<int>(ErrorCode::kInterrupted) : 0;
}

}  // namespace visema::training
