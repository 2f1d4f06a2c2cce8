#include <torch/torch.h>

#include <cmath>
#include <memory>
#include <nlohmann/json.hpp>

#include "checkpoint_torch.h"
#include "commands.h"
#include "flags.h"
#include "flat_adamw_torch.h"
#include "ip_lap_commands.h"
#include "ip_lap_plain_landmarks_torch.h"
#include "ip_lap_sampler.h"
#include "ip_lap_validation_torch.h"
#include "pack_number.h"
#include "schedule.h"
#include "training_loop.h"
#include "training_setup_torch.h"
#include "visema/core/error.h"
#include "visema/models/ip_lap_landmark_network.h"

namespace visema::training {
namespace {

// What torch.optim.Adam begins with, which is what was published; no decay, no running mean.
constexpr AdamOptions kAdam = {0.9, 0.999, 1e-8, 0, 0, 0};

const std::vector<Flag> kFlags = {
    {"arch", "NAME", "visema", "ip-lap here: the landmark generator of IP-LAP"},
    {"pack", "DIR", "", "training pack (visema prepare)"},
    {"out", "FILE", "", "weight file to write: the best so far; FILE.ckpt is the checkpoint"},
    {"minutes", "M", "", "train for so long, earlier runs of the checkpoint counted"},
    {"steps", "N", "", "train for so many steps"},
    {"resume", "FILE", "", "checkpoint to go on from"},
    {"from", "FILE", "", "weight file to begin with (visema import ip-lap), not random weights"},
    {"batch", "N", "16", "windows of five instants in a step"},
    {"lr", "RATE", "1e-4", "learning rate"},
    {"schedule", "NAME", "constant",
     "constant, or cosine over the budget after 200 steps of warm-up"},
    {"velocity", "WEIGHT", "1", "of the L1 distance of the changes from instant to instant"},
    {"head-turn", "DEG", "12", "spread of the angles by which faces are turned, 0: none"},
    {"crop-box", "NAME", "own", "own: crops lie around each frame's points; rest: lips at rest"},
    {"seed", "N", "1", "of weights and samples"},
    {"device", "NAME", "auto", "auto, cpu or cuda"},
    {"threads", "N", "0", "of LibTorch, 0: all cores"},
    {"validate", "M", "5", "minutes between validations"},
    {"validate-frames", "N", "1500", "frames of held-out persons in a validation"},
    {"log", "FILE", "", "append the log's lines to this file; FILE.html draws them"},
};

IpLapBoxOf read_box(const std::string& name) {
  if (name == "own") return IpLapBoxOf::kOwn;
  if (name == "rest") return IpLapBoxOf::kRest;
  throw Error(ErrorCode::kUsage, "--crop-box " + name + ": must be own or rest");
}

bool read_schedule(const std::string& name) {
  if (name != "constant" && name != "cosine")
    throw Error(ErrorCode::kUsage, "--schedule " + name + ": must be constant or cosine");
  return name == "cosine";
}

/// Inputs and targets of one batch on the device.
struct Batch {
  IpLapPlainLandmarks::Input input;
  torch::Tensor content;  // [B, 5, 2, 57]
};

Batch to_tensors(IpLapSamples& samples, torch::Device device) {
  const auto view = [&](std::vector<float>& values, std::vector<std::int64_t> shape) {
    shape.insert(shape.begin(), samples.count);
    return torch::from_blob(values.data(), shape, torch::kFloat).clone().to(device);
  };
  return {{view(samples.mels, {kIpLapWindow, kIpLapMelBands, kIpLapMelFrames}),
           view(samples.poses, {kIpLapWindow, 2, kIplapPose}),
           view(samples.reference_poses, {kIpLapReferenceLandmarks, 2, kIplapPose}),
           view(samples.reference_content, {kIpLapReferenceLandmarks, 2, kIplapContent})},
          view(samples.content, {kIpLapWindow, 2, kIplapContent})};
}

class LandmarkTraining {
 public:
  explicit LandmarkTraining(const Flags& flags)
      : setup_(flags),
        sampling_{setup_.seed, flags.real("head-turn", 0, 60), read_box(flags.text("crop-box"))},
        windows_(flags.integer("batch", 2, 65536)),
        cosine_(read_schedule(flags.text("schedule"))),
        rate_(flags.real("lr", 1e-8, 1)),
        velocity_(flags.real("velocity", 0, 1000)),
        validate_frames_(flags.integer("validate-frames", 1, 1LL << 40)) {
    train_ = load_ip_lap_clips(setup_.pack, true);
    held_out_ = load_ip_lap_clips(setup_.pack, false);
    setup_.log.note("running on " + setup_.compute.description + "; " +
                    std::to_string(train_.size()) + " clips to train, " +
                    std::to_string(held_out_.size()) + " to validate");
  }

  void run() {
    torch::manual_seed(sampling_.seed);
    weights_ = std::make_shared<IpLapWeights>(ip_lap_landmark_tensors());
    begin();
    weights_->to(setup_.device);
    optimizer_ = std::make_unique<FlatAdamW>(*weights_, kAdam);
    const TrainClock clock(setup_.flags.has("resume") ? resume() : 0);
    const IpLapSampler sampler(train_, sampling_);
    if (!began_with_.is_null() && optimizer_->steps() == 0) measure(clock);
    weights_->train();
    train_steps(setup_, sampler, windows_, clock,
                {[&] { return optimizer_->steps(); },
                 [&](IpLapSamples samples, double fraction) {
                   return learn(to_tensors(samples, setup_.device), fraction);
                 },
                 [&](const TrainClock& now) { measure(now); }});
  }

 private:
  LogValues learn(const Batch& batch, double fraction) {
    constexpr std::int64_t kWarmupSteps = 200;
    const std::int64_t step = optimizer_->steps();
    const double rate = rate_ * (cosine_ ? rate_factor(fraction, step, kWarmupSteps) : 1);
    // Dropout too depends on seed and step alone, so that a resumed training is the same one.
    torch::manual_seed(sampling_.seed * 1000003 + static_cast<std::uint64_t>(step));
    optimizer_->zero_grad();
    const torch::Tensor said = IpLapPlainLandmarks(*weights_).forward(batch.input);
    const auto change = [](const torch::Tensor& x) { return x.diff(1, 1); };
    const torch::Tensor content = (said - batch.content).abs().mean();
    const torch::Tensor velocity = (change(said) - change(batch.content)).abs().mean();
    const torch::Tensor total = content + velocity_ * velocity;
    total.backward();
    const double norm = optimizer_->step(rate);
    return {{"loss", total.item<double>()},
            {"rate", rate},
            {"norm", norm},
            {"content", content.item<double>()},
            {"velocity", velocity.item<double>()}};
  }

  void begin() {
    if (!setup_.flags.has("from")) return;
    const TensorFile file = TensorFile::open(setup_.flags.text("from"));
    const WeightCard card = read_weight_card(file, kIpLapLandmarksName, kIpLapLandmarksVersion);
    weights_->load(file);
    began_with_ = nlohmann::ordered_json::parse(card.card, nullptr, false);
  }

  /// Minutes that the checkpoint's training took.
  double resume() {
    auto progress = load_checkpoint(setup_.flags.text("resume"), kIpLapLandmarksName,
                                    {{"", *optimizer_}}, weights_->statistics());
    setup_.require_pack(progress);
    best_ = progress["best"];
    has_best_ = std::filesystem::exists(setup_.out) && progress["has_best"] > 0;
    if (has_best_)
      read_weight_card(TensorFile::open(setup_.out), kIpLapLandmarksName, kIpLapLandmarksVersion);
    return progress["minutes"];
  }

  void measure(const TrainClock& clock) {
    const IpLapReport report =
        validate(*weights_, held_out_, sampling_.box, validate_frames_, setup_.device);
    const SpeechQuality& referenced = report.speech.referenced;
    const SpeechQuality& portrait = report.speech.portrait;
    setup_.log.line("valid", optimizer_->steps(), clock.minutes(),
                    {{"score", report.speech.score()},
                     {"correlation", referenced.correlation},
                     {"gain", referenced.gain},
                     {"movement", referenced.movement},
                     {"lips", referenced.lip_distance},
                     {"closure", referenced.closure},
                     {"portrait_correlation", portrait.correlation},
                     {"portrait_gain", portrait.gain},
                     {"portrait_lips", portrait.lip_distance},
                     {"told_correlation", report.told.correlation},
                     {"told_gain", report.told.gain},
                     {"told_movement", report.told.movement},
                     {"told_lips", report.told.lip_distance},
                     {"told_closure", report.told.closure}});
    if (!has_best_ || report.speech.score() > best_) {
      has_best_ = true;
      best_ = report.speech.score();
      save(report, clock.minutes());
    }
    save_checkpoint(setup_.checkpoint, kIpLapLandmarksName, {{"", *optimizer_}},
                    {{"minutes", clock.minutes()},
                     {"best", best_},
                     {"has_best", has_best_},
                     {"pack", pack_number(setup_.pack)}},
                    weights_->statistics());
  }

  void save(const IpLapReport& report, double minutes) {
    nlohmann::ordered_json card = setup_.card(optimizer_->steps(), minutes);
    card["samples"] = windows_ * optimizer_->steps();
    card["mel"] = "log-mel of the pack, 80 frames a second, as rendering makes it";
    card["heads"] = "faces without head motion, turned at random";
    std::map<std::string, double> sources;
    for (const IpLapClip& clip : train_) sources[clip.source] += clip.seconds() / 60;
    for (const auto& [source, length] : sources)
      card["training_minutes"][source] = std::round(length * 100) / 100;
    card["held_out"]["portrait"] = to_json(report.speech.portrait);
    card["held_out"]["referenced"] = to_json(report.speech.referenced);
    card["held_out"]["told"] = to_json(report.told);
    for (const auto& [source, quality] : report.speech.by_source)
      card["held_out"]["by_source"][source] = to_json(quality);
    if (!began_with_.is_null()) card["began_with"] = began_with_;
    weights_->save(setup_.out, {kIpLapLandmarksName, kIpLapLandmarksVersion, "{}", card.dump()});
  }

  TrainingSetup setup_;
  IpLapSampling sampling_;
  std::int64_t windows_;
  bool cosine_;
  double rate_, velocity_;
  std::int64_t validate_frames_;
  std::vector<IpLapClip> train_, held_out_;
  std::shared_ptr<IpLapWeights> weights_;
  std::unique_ptr<FlatAdamW> optimizer_;
  nlohmann::ordered_json began_with_;  // card of --from
  double best_ = 0;
  bool has_best_ = false;
};

}  // namespace

int train_ip_lap_landmarks(const std::vector<std::string>& args) {
  const Flags flags("speech", kFlags, args);
  if (flags.help_wanted()) {
    TrainLog("").note(flags.help());
    return 0;
  }
  LandmarkTraining(flags).run();
  return stop_requested() ? static_cast<int>(ErrorCode::kInterrupted) : 0;
}

}  // namespace visema::training
