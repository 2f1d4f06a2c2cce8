#include <torch/torch.h>

#include <algorithm>
#include <functional>
#include <nlohmann/json.hpp>

#include "checkpoint_torch.h"
#include "commands.h"
#include "flags.h"
#include "flat_adamw_torch.h"
#include "ip_lap_commands.h"
#include "pack_number.h"
#include "prefetch.h"
#include "speech_align_torch.h"
#include "speech_expert_torch.h"
#include "speech_loss_torch.h"
#include "speech_measure.h"
#include "speech_model_torch.h"
#include "speech_sampler.h"
#include "speech_validation_torch.h"
#include "sync_offsets.h"
#include "training_setup_torch.h"
#include "visema/core/error.h"
#include "visema/models/speech_network.h"
#include "visema/models/sync_network.h"
#include "visema/models/weight_card.h"
#include "weight_card_torch.h"

namespace visema::training {
namespace {

constexpr std::int64_t kWarmupSteps = 200;
constexpr double kExpertRate = 1e-3;
constexpr std::int64_t kExpertAlone = 300;  // steps before the expert is listened to

const std::vector<Flag> kFlags = {
    {"arch", "NAME", "visema",
     "visema, or ip-lap: IP-LAP's landmark generator (with --help: its flags)"},
    {"pack", "DIR", "", "training pack (visema prepare)"},
    {"out", "FILE", "", "weight file to write: the best so far; FILE.ckpt is the checkpoint"},
    {"minutes", "M", "", "train for so long, earlier runs of the checkpoint counted"},
    {"steps", "N", "", "train for so many steps"},
    {"resume", "FILE", "", "checkpoint to go on from"},
    {"from", "FILE", "", "weight file to begin with, in place of random weights; its basis stays"},
    {"measure", "FILE,...", "",
     "measure these weights on the held-out persons, of several files the mean of what they say; "
     "nothing is trained"},
    {"sync", "FILE", "", "sync network by which the held-out clips are put in sync first"},
    {"align", "N", "3", "times, evenly spread, that the training clips are put in sync"},
    {"expert", "WEIGHT", "0.1", "of the judge of lip movements that is trained beside; 0: none"},
    {"augment", "SHARE", "1", "of the pieces whose sound is changed; 0: none"},
    {"mirror", "SHARE", "0.5", "of the pieces whose face is mirrored; 0: none"},
    {"own-references", "SHARE", "0.4",
     "of the references that are frames of the clip itself, away from the piece; the others are of "
     "its person's other clips"},
    {"balance", "B", "0",
     "how far large sources are held back: 0, every second counts alike, to 1, every source does"},
    {"loss", "NAME=W,...", to_text(SpeechLossWeights()),
     "weights of the loss's parts; a part that is not named keeps its own"},
    {"batch", "N", "32", "pieces of 28 moments in a step"},
    {"lr", "RATE", "1.5e-3", "highest learning rate"},
    {"look-ahead", "NAME", "long",
     "long: the network hears the pack's features of a speech encoder beside the log-mel; short: "
     "the "
     "log-mel alone, for live use"},
    {"seed", "N", "1", "of weights and samples"},
    {"device", "NAME", "auto", "auto, cpu or cuda"},
    {"threads", "N", "0", "of LibTorch, 0: all cores"},
    {"validate", "M", "3", "minutes between validations"},
    {"validate-frames", "N", "6000", "frames of held-out persons in a validation"},
    {"log", "FILE", "", "append the log's lines to this file; FILE.html draws them"},
};

Encoded encoded_of(const std::string& look_ahead) {
  if (look_ahead != "long" && look_ahead != "short")
    throw Error(ErrorCode::kUsage, "--look-ahead " + look_ahead + ": must be long or short");
  return look_ahead == "long" ? Encoded::kLoad : Encoded::kLeave;
}

class SpeechTraining {
 public:
  explicit SpeechTraining(const Flags& flags)
      : setup_(flags),
        basis_(flags.has("from") ? SpeechBasis::read(TensorFile::open(flags.text("from")), "basis.")
                                 : SpeechBasis::read(setup_.pack.basis(), "")),
        pieces_(flags.integer("batch", 2, 65536)),
        aligns_(flags.integer("align", 0, 100)),
        expert_weight_(flags.real("expert", 0, 100)),
        shares_{flags.real("augment", 0, 1), flags.real("mirror", 0, 1),
                flags.real("own-references", 0, 1), flags.real("balance", 0, 1)},
        loss_weights_(parse_loss_weights("--loss", flags.text("loss"))),
        top_rate_(flags.real("lr", 1e-8, 1)),
        validate_frames_(flags.integer("validate-frames", 1, 1LL << 40)) {
    const Encoded encoded = encoded_of(flags.text("look-ahead"));
    train_ = load_speech_set(setup_.pack, basis_, true, encoded);
    held_out_ = load_speech_set(setup_.pack, basis_, false, encoded);
    if (flags.has("sync")) put_held_out_in_sync();
    setup_.log.note("running on " + setup_.compute.description + "; " +
                    std::to_string(train_.clips.size()) + " clips (" +
                    std::to_string(train_.minutes()) + " min) of " +
                    std::to_string(train_.clips_of_person.size()) + " persons to train, " +
                    std::to_string(held_out_.clips.size()) + " to validate");
  }

  void run() {
    torch::manual_seed(setup_.seed);
    SpeechConfig config;
    config.lower = basis_.lower.count;
    config.upper = basis_.upper.count;
    config.encoded = train_.encoded ? kEncodedWidth : 0;
    model_ = std::make_shared<SpeechModel>(config);
    if (train_.encoded) {
      const auto [mean, scale] = encoded_statistics(train_);
      model_->know_encoded(torch::tensor(mean), torch::tensor(scale));
    }
    begin();
    model_->to(setup_.device);
    optimizer_ = std::make_unique<FlatAdamW>(*model_);
    expert_ = std::make_shared<SpeechExpert>(config.lower);
    expert_->to(setup_.device);
    expert_optimizer_ = std::make_unique<FlatAdamW>(*expert_);
    const TrainClock clock(setup_.flags.has("resume") ? resume() : 0);
    const SpeechSampler sampler(train_, basis_, setup_.seed, shares_);
    const SpeechLoss loss(basis_, setup_.device, loss_weights_);
    auto batches = std::make_unique<Prefetch<SpeechSampler>>(sampler, optimizer_->steps(), pieces_,
                                                             setup_.ahead());
    if (!began_with_.is_null() && optimizer_->steps() == 0) measure(clock);
    double validated = clock.minutes();
    double logged = clock.minutes();
    model_->train();
    std::function<void()> log_last = [] {};
    while (!stop_requested()) {
      const double fraction = setup_.budget.fraction(clock.minutes(), optimizer_->steps());
      if (fraction >= 1) break;
      const std::int64_t step = optimizer_->steps();
      if (align_is_due(fraction)) {
        batches.reset();  // it reads the clips' times
        put_in_sync();
        batches = std::make_unique<Prefetch<SpeechSampler>>(sampler, step, pieces_, setup_.ahead());
      }
      const SpeechTensors batch = to_tensors(batches->take(), basis_, setup_.device);
      const auto [value, rate, norm] = learn(batch, loss, fraction);
      const double minutes = clock.minutes();
      log_last = [=, this, value = value, rate = rate, norm = norm] {
        log_step(step, minutes, rate, norm, value);
      };
      if (step < 5 || minutes - logged > 0.25) {
        logged = minutes;
        std::exchange(log_last, [] {})();
      }
      if (clock.minutes() - validated >= setup_.validate_minutes) {
        measure(clock);
        validated = clock.minutes();
      }
    }
    log_last();
    measure(clock);
  }

 private:
  struct Step {
    SpeechLoss::Value value;
    double rate = 0;
    double norm = 0;
  };

  /// Minutes that the checkpoint's training took.
  double resume() {
    const auto count = static_cast<std::int64_t>(train_.clips.size());
    const torch::Tensor moved = torch::zeros({count});
    auto progress =
        load_checkpoint(setup_.flags.text("resume"), kSpeechName,
                        {{"", *optimizer_}, {"expert.", *expert_optimizer_}}, {{"moved", moved}});
    setup_.require_pack(progress);
    for (std::int64_t c = 0; c < count; ++c)
      train_.clips[static_cast<std::size_t>(c)].move(moved[c].item<float>());
    aligned_ = static_cast<std::int64_t>(progress["aligned"]);
    best_ = progress["best"];
    has_best_ = std::filesystem::exists(setup_.out) && progress["has_best"] > 0;
    if (has_best_) require_own_weights();
    return progress["minutes"];
  }

  /// The weights at --out must be of the training that is resumed, or theirs would be mixed in.
  void require_own_weights() const {
    const TensorFile file = TensorFile::open(setup_.out);
    const WeightCard card = read_weight_card(file, kSpeechName, kSpeechVersion);
    const SpeechBasis basis = SpeechBasis::read(file, "basis.");
    const bool same_basis =
        basis.lower.count == basis_.lower.count && basis.lower.deviation == basis_.lower.deviation;
    if (nlohmann::json::parse(card.config, nullptr, false) !=
            nlohmann::json::parse(model_->config().to_json()) ||
        !same_basis)
      throw Error(ErrorCode::kUsage, setup_.out.string() +
                                         ": holds weights of another training than " +
                                         setup_.flags.text("resume"));
  }

  /// One step of the expert on real lips; what it hears, for judging others.
  torch::Tensor teach_expert(const SpeechTensors& batch, const SpeechLoss& loss, double factor) {
    expert_optimizer_->zero_grad();
    const torch::Tensor heard = expert_->hear(batch.input);
    expert_loss_ = expert_->loss(loss.in_deviations(batch.lower), batch.valid, heard);
    expert_loss_.backward();
    const std::int64_t step = expert_optimizer_->steps();
    expert_optimizer_->step(kExpertRate * factor);
    if (expert_optimizer_->steps() == step) setup_.count_refused();
    return heard.detach();
  }

  /// One step of the expert, then one of the network.
  Step learn(const SpeechTensors& batch, const SpeechLoss& loss, double fraction) {
    const std::int64_t step = optimizer_->steps();
    const double factor = rate_factor(fraction, step, kWarmupSteps);
    // Dropout too depends on seed and step alone, so that a resumed training is the same one.
    torch::manual_seed(setup_.seed * 1000003 + static_cast<std::uint64_t>(step));
    const torch::Tensor heard =
        expert_weight_ > 0 ? teach_expert(batch, loss, factor) : torch::Tensor();

    optimizer_->zero_grad();
    const SpeechOutput output = model_->forward(batch.input);
    SpeechLoss::Value value = loss(output, batch);
    if (expert_weight_ > 0) {
      const torch::Tensor judged = expert_->loss(output.lower, batch.valid, heard);
      value.parts.emplace_back("judged", judged);
      value.parts.emplace_back("expert", expert_loss_);
      if (step >= kExpertAlone) value.total = value.total + expert_weight_ * judged;
    }
    value.total.backward();
    const double rate = top_rate_ * factor;
    const double norm = optimizer_->step(rate);
    if (optimizer_->steps() == step) setup_.count_refused();
    return {value, rate, norm};
  }

  bool align_is_due(double fraction) {
    const auto due = static_cast<std::int64_t>(fraction * static_cast<double>(aligns_ + 1));
    return due > std::exchange(aligned_, std::max(due, aligned_));
  }

  void put_in_sync() {
    optimizer_->swap_average();
    const SpeechAlignment found = align(*model_, train_, basis_, setup_.device);
    optimizer_->swap_average();
    setup_.log.note("put " + std::to_string(found.moved) + " training clips in sync, by " +
                    std::to_string(found.moved_seconds) + " s in the mean; correlation before " +
                    std::to_string(found.correlation));
  }

  /// Moves the picture of each held-out clip to where its sound is.
  void put_held_out_in_sync() {
    const auto offsets =
        measure_offsets(setup_.pack, false, setup_.flags.text("sync"), setup_.compute);
    std::map<std::string, std::vector<double>> sources;
    for (SpeechClip& clip : held_out_.clips) {
      const auto found = offsets.find(clip.id);
      if (found == offsets.end()) continue;
      clip.move(static_cast<float>(-found->second / kSyncFps));
      sources[clip.source].push_back(found->second);
    }
    for (auto& [source, values] : sources) {
      std::sort(values.begin(), values.end());
      setup_.log.note("put in sync, held out " + source + ": " + std::to_string(values.size()) +
                      " clips, late by " + std::to_string(values.front()) + " to " +
                      std::to_string(values.back()) + " frames, median " +
                      std::to_string(values[values.size() / 2]));
    }
  }

  void begin() {
    if (!setup_.flags.has("from")) return;
    began_with_ = begin_with(*model_, setup_.flags.text("from"),
                             {kSpeechName, kSpeechVersion, model_->config().to_json(), ""});
  }

  void log_step(std::int64_t step, double minutes, double rate, double norm,
                const SpeechLoss::Value& value) {
    std::vector<std::pair<std::string, double>> values = {
        {"loss", value.total.item<double>()}, {"rate", rate}, {"norm", norm}};
    for (const auto& [name, part] : value.parts) values.emplace_back(name, part.item<double>());
    setup_.log.line("train", step, minutes, values);
  }

  /// Measures the weights that the model has now, and keeps them if they are the best so far.
  bool consider(const char* kind, const TrainClock& clock) {
    const SpeechReport report =
        visema::training::measure({{*model_, held_out_, basis_}}, validate_frames_, setup_.device)
            .report;
    setup_.log.line(kind, optimizer_->steps(), clock.minutes(), values_of(report));
    if (has_best_ && report.score() <= best_) return false;
    has_best_ = true;
    best_ = report.score();
    save(kind, report, clock.minutes());
    return true;
  }

  /// Half of the best weights so far and half of those that the model has: a greedy soup (Wortsman
  /// et al. 2022) of one training.
  void consider_mixed(const TrainClock& clock) {
    const torch::NoGradGuard no_grad;
    std::vector<torch::Tensor> now;
    for (const torch::Tensor& p : model_->parameters()) now.push_back(p.clone());
    load_weights(*model_, TensorFile::open(setup_.out), "model.");
    const std::vector<torch::Tensor> weights = model_->parameters();
    for (std::size_t i = 0; i < now.size(); ++i) torch::Tensor(weights[i]).lerp_(now[i], 0.5);
    consider("mixed", clock);
    for (std::size_t i = 0; i < now.size(); ++i) torch::Tensor(weights[i]).copy_(now[i]);
  }

  void measure(const TrainClock& clock) {
    optimizer_->swap_average();
    const bool had_best = has_best_;
    if (!consider("valid", clock) && had_best) consider_mixed(clock);
    optimizer_->swap_average();
    std::vector<float> moved;
    for (const SpeechClip& clip : train_.clips) moved.push_back(clip.moved_s);
    save_checkpoint(setup_.checkpoint, kSpeechName,
                    {{"", *optimizer_}, {"expert.", *expert_optimizer_}},
                    {{"minutes", clock.minutes()},
                     {"best", best_},
                     {"has_best", has_best_},
                     {"aligned", static_cast<double>(aligned_)},
                     {"pack", pack_number(setup_.pack)}},
                    {{"moved", torch::tensor(moved)}});
  }

  void save(const char* kind, const SpeechReport& report, double minutes) {
    const std::int64_t steps = optimizer_->steps();
    nlohmann::ordered_json card = setup_.card(steps, minutes);
    card["weights"] = kind == std::string("mixed")
                          ? "half of the running mean now, half of the best before"
                          : "running mean";
    card["samples"] = SpeechSampler::kMoments * pieces_ * steps;
    std::map<std::string, double> sources;
    for (const SpeechClip& clip : train_.clips)
      sources[clip.source] += static_cast<double>(clip.mel_frames()) * kSpeechMelHop / 16000 / 60;
    for (const auto& [source, length] : sources)
      card["training_minutes"][source] = std::round(length * 100) / 100;
    card["held_out"]["portrait"] = to_json(report.portrait);
    card["held_out"]["referenced"] = to_json(report.referenced);
    for (const auto& [source, quality] : report.by_source)
      card["held_out"]["by_source"][source] = to_json(quality);
    if (!began_with_.is_null()) card["began_with"] = began_with_;

    WeightWriter writer;
    writer.add(*model_, "model.");
    const auto add = [&](const std::string& name, const BasisPart& part) {
      const std::vector<std::int64_t> shape = {part.count, kMeshPoints, 3};
      writer.add("basis." + name, part.rows, shape);
      writer.add("basis." + name + "_project", part.project, shape);
      writer.add("basis." + name + "_std", part.deviation, {part.count});
    };
    add("lower", basis_.lower);
    add("upper", basis_.upper);
    writer.write(setup_.out, to_metadata({kSpeechName, kSpeechVersion, model_->config().to_json(),
                                          card.dump()}));
  }

  TrainingSetup setup_;
  SpeechBasis basis_;
  std::int64_t pieces_;
  std::int64_t aligns_ = 0;   // wanted
  std::int64_t aligned_ = 0;  // done
  double expert_weight_;
  SpeechSampler::Shares shares_;
  SpeechLossWeights loss_weights_;
  double top_rate_;
  std::int64_t validate_frames_;
  SpeechSet train_, held_out_;
  std::shared_ptr<SpeechModel> model_;
  std::shared_ptr<SpeechExpert> expert_;
  torch::Tensor expert_loss_;
  std::unique_ptr<FlatAdamW> optimizer_, expert_optimizer_;
  nlohmann::ordered_json began_with_;  // card of --from
  double best_ = 0;
  bool has_best_ = false;
};

}  // namespace

int train_speech(const std::vector<std::string>& args) {
  if (wants_ip_lap(args)) return train_ip_lap_landmarks(args);
  const Flags flags("speech", kFlags, args);
  if (flags.help_wanted()) {
    TrainLog("").note(flags.help());
    return 0;
  }
  if (flags.has("measure")) {
    measure_speech(flags);
    return 0;
  }
  SpeechTraining(flags).run();
  return stop_requested() ? static_cast<int>(ErrorCode::kInterrupted) : 0;
}

}  // namespace visema::training
