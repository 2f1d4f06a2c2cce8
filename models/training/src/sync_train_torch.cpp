#include <torch/torch.h>

#include <algorithm>
#include <cmath>
#include <future>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "budget_flags.h"
#include "checkpoint_torch.h"
#include "commands.h"
#include "compute_device_torch.h"
#include "flags.h"
#include "flat_adamw_torch.h"
#include "pack_reader.h"
#include "sync_background_torch.h"
#include "sync_model_torch.h"
#include "sync_sampler.h"
#include "sync_validation_torch.h"
#include "train_log.h"
#include "visema/core/error.h"
#include "visema/models/compute.h"
#include "visema/models/sync_network.h"
#include "visema/models/weight_card.h"
#include "weight_card_torch.h"

namespace visema::training {
namespace {

constexpr std::int64_t kWarmupSteps = 200;
/// How much of the target lies on the moments before and after the right one: the sound of the
/// training clips is up to a frame early or late.
constexpr double kNeighbour = 0.1;

const std::vector<Flag> kFlags = {
    {"pack", "DIR", "", "training pack (visema prepare)"},
    {"out", "FILE", "", "weight file to write: the best so far; FILE.ckpt is the checkpoint"},
    {"minutes", "M", "", "train for so long, earlier runs of the checkpoint counted"},
    {"steps", "N", "", "train for so many steps"},
    {"resume", "FILE", "", "checkpoint to go on from"},
    {"from", "FILE", "", "weight file to begin with, in place of random weights"},
    {"batch", "N", "24", "pieces of 28 frames in a step"},
    {"window", "N", "9", "video frames that a mouth embedding sees"},
    {"align", "N", "2", "times, evenly spread, that the training clips are put in sync"},
    {"lr", "RATE", "8e-4", "highest learning rate"},
    {"seed", "N", "1", "of weights and samples"},
    {"device", "NAME", "auto", "auto, cpu or cuda"},
    {"threads", "N", "0", "of LibTorch, 0: all cores"},
    {"validate", "M", "5", "minutes between validations"},
    {"log", "FILE", "", "append the log's lines to this file; FILE.html draws them"},
};

/// Tensors of samples on the device.
struct SyncTensors {
  torch::Tensor pictures, points, mel, positions, weight;

  SyncTensors(const SyncSamples& s, const torch::Device& device) {
    const std::int64_t moments = static_cast<std::int64_t>(s.positions.size()) / s.count;
    const auto floats = [&](const std::vector<float>& v, std::vector<std::int64_t> shape) {
      return torch::from_blob(const_cast<float*>(v.data()), shape, torch::kFloat)
          .clone()
          .to(device);
    };
    pictures = torch::from_blob(const_cast<std::uint8_t*>(s.pictures.data()),
                                {s.count, s.frames, kSyncPicture, kSyncPicture}, torch::kByte)
                   .clone()
                   .to(device);
    points = floats(s.points, {s.count, s.frames, kSyncPoints * 2});
    mel = floats(s.mel, {s.count, s.mel_frames, kSyncMelBands});
    positions = floats(s.positions, {s.count, moments});
    weight = floats(s.weight, {s.count, moments});
  }
};

/// Target of each moment among all moments of the batch: itself, and a little its neighbours in the
/// same piece. [count * moments, count * moments]
torch::Tensor soft_targets(std::int64_t count, std::int64_t moments) {
  torch::Tensor piece = torch::eye(moments) * (1 - 2 * kNeighbour);
  const torch::Tensor beside = torch::ones({moments - 1}) * kNeighbour;
  piece = piece + torch::diag(beside, 1) + torch::diag(beside, -1);
  piece = piece / piece.sum(1, true);
  return torch::block_diag(std::vector<torch::Tensor>(static_cast<std::size_t>(count), piece));
}

nlohmann::ordered_json to_json(const SyncQuality& q) {
  const auto round = [](double value) { return std::round(value * 1000) / 1000; };
  return {{"clips", q.clips},
          {"offset_within_one_frame", round(q.within_one)},
          {"auc_own_against_other_sound", round(q.auc)},
          {"auc_clips_under_2s", round(q.auc_short)},
          {"windows_within_one_frame", round(q.window_top1)},
          {"confidence", round(q.confidence)}};
}

class SyncTraining {
 public:
  explicit SyncTraining(const Flags& flags)
      : flags_(flags),
        pack_(flags.text("pack")),
        out_(flags.text("out")),
        log_(flags.has("log") ? flags.text("log") : ""),
        seed_(static_cast<std::uint64_t>(flags.integer("seed", 0, 1LL << 62))),
        batch_(flags.integer("batch", 2, 4096)),
        budget_(read_budget(flags)) {
    config_.window = flags.integer("window", 1, 15);
    aligns_ = flags.integer("align", 0, 100);
    const Compute compute = resolve(
        {flags.text("device"), "fp32", static_cast<int>(flags.integer("threads", 0, 1024))});
    use(compute);
    device_ = torch_device(compute);
    train_ = load_sync_clips(pack_, true);
    held_out_ = load_sync_clips(pack_, false);
    log_.note("running on " + compute.description + "; " + std::to_string(train_.size()) +
              " clips (" + std::to_string(minutes_of(train_)) + " min) to train, " +
              std::to_string(held_out_.size()) + " to validate");
  }

  void run() {
    torch::manual_seed(seed_);
    model_ = std::make_shared<SyncModel>(config_);
    begin();
    model_->to(device_);
    FlatAdamW optimizer(*model_);
    double minutes_before = 0;
    if (flags_.has("resume")) {
      auto progress = load_checkpoint(flags_.text("resume"), kSyncName, {{"", optimizer}});
      minutes_before = progress["minutes"];
      best_ = progress["best"];
    }
    const SyncSampler sampler(train_, config_.window, seed_);
    if (sampler.empty())
      throw Error(ErrorCode::kInput,
                  flags_.text("pack") + ": no training clip with sound is long enough");
    targets_ = soft_targets(batch_, SyncSampler::kFrames - config_.window + 1).to(device_);
    const auto ahead = [&](std::int64_t step) {
      return std::async(std::launch::async, [&, step] { return sampler.draw(step, batch_); });
    };
    auto next = ahead(optimizer.steps());
    const TrainClock clock(minutes_before);
    if (!began_with_.is_null() && optimizer.steps() == 0) {
      measure(optimizer, clock);
      if (aligns_ > 0) put_in_sync(optimizer);
    }
    const double top_rate = flags_.real("lr", 1e-8, 1);
    const double validate_minutes = flags_.real("validate", 0.001, 1e6);
    double validated = clock.minutes();
    double logged = validated;
    model_->train();
    while (!stop_requested()) {
      const double fraction = budget_.fraction(clock.minutes(), optimizer.steps());
      if (fraction >= 1) break;
      const std::int64_t step = optimizer.steps();
      // Dropout too depends on seed and step alone, so that a resumed training is the same one.
      torch::manual_seed(seed_ * 1000003 + static_cast<std::uint64_t>(step));
      const SyncTensors batch(next.get(), device_);
      align_when_due(fraction, optimizer);
      next = ahead(step + 1);
      optimizer.zero_grad();
      const torch::Tensor loss = loss_of(batch);
      loss.backward();
      const double rate = top_rate * rate_factor(fraction, step, kWarmupSteps);
      const double norm = optimizer.step(rate);
      if (optimizer.steps() == step && ++refused_ > 100)
        throw Error(ErrorCode::kInternal, "the loss is not a finite number any more");
      const double minutes = clock.minutes();
      const double next_fraction = budget_.fraction(minutes, optimizer.steps());
      if (step < 5 || minutes - logged > 0.25 || next_fraction >= 1) {
        logged = minutes;
        log_.line("train", step, minutes,
                  {{"loss", loss.item<double>()}, {"rate", rate}, {"norm", norm}});
      }
      if (minutes - validated >= validate_minutes) {
        measure(optimizer, clock);
        validated = clock.minutes();
      }
    }
    measure(optimizer, clock);
  }

 private:
  void begin() {
    if (!flags_.has("from")) return;
    if (flags_.has("resume"))
      throw Error(ErrorCode::kUsage, "--from and --resume: one of them at most");
    began_with_ =
        begin_with(*model_, flags_.text("from"), {kSyncName, kSyncVersion, config_.to_json(), ""});
  }

  /// InfoNCE (van den Oord et al. 2018) in both directions: each mouth among all sounds of the
  /// batch, those of its own piece being shifts of the right one, and each sound among all mouths.
  torch::Tensor loss_of(const SyncTensors& batch) {
    const torch::Tensor mouth = model_->mouth(batch.pictures, batch.points).flatten(0, 1);
    const torch::Tensor speech = model_->speech(batch.mel, batch.positions).flatten(0, 1);
    const torch::Tensor likeness = mouth.matmul(speech.t()) / kSyncTemperature;
    const torch::Tensor weight = batch.weight.flatten();
    const torch::Tensor share = weight / weight.sum().clamp_min(1);
    const auto entropy = [&](const torch::Tensor& logits) {
      return -((torch::log_softmax(logits, 1) * targets_).sum(1) * share).sum();
    };
    return 0.5 * (entropy(likeness) + entropy(likeness.t()));
  }

  /// The offsets are not in the checkpoint: a resumed training measures them anew.
  void align_when_due(double fraction, FlatAdamW& optimizer) {
    const auto due = static_cast<std::int64_t>(fraction * static_cast<double>(aligns_ + 1));
    if (due <= aligned_) return;
    aligned_ = due;
    put_in_sync(optimizer);
  }

  void put_in_sync(FlatAdamW& optimizer) {
    optimizer.swap_average();
    const std::int64_t moved = align(*model_, train_, device_);
    optimizer.swap_average();
    log_.note("put " + std::to_string(moved) + " training clips in sync");
  }

  void measure(FlatAdamW& optimizer, const TrainClock& clock) {
    optimizer.swap_average();
    const SyncQuality quality = validate(*model_, held_out_, device_);
    log_.line("valid", optimizer.steps(), clock.minutes(),
              {{"within_one", quality.within_one},
               {"auc", quality.auc},
               {"auc_short", quality.auc_short},
               {"windows", quality.window_top1},
               {"confidence", quality.confidence}});
    if (quality.score() > best_) {
      best_ = quality.score();
      model_->set_background(background_of(*model_, train_, device_));
      save(quality, optimizer.steps(), clock.minutes());
    }
    optimizer.swap_average();
    save_checkpoint(out_.string() + ".ckpt", kSyncName, {{"", optimizer}},
                    {{"minutes", clock.minutes()}, {"best", best_}});
  }

  void save(const SyncQuality& quality, std::int64_t steps, double minutes) {
    nlohmann::ordered_json card;
    card["command"] = flags_.line();
    card["pack_sha256"] = pack_.sha256();
    card["steps"] = steps;
    card["minutes"] = std::round(minutes * 10) / 10;
    std::map<std::string, double> sources;
    std::set<std::string> persons;
    for (const SyncClip& clip : train_) {
      sources[clip.source] += static_cast<double>(clip.frames()) / kSyncFps / 60;
      persons.insert(clip.person);
    }
    for (const auto& [source, length] : sources)
      card["training_minutes"][source] = std::round(length * 100) / 100;
    card["training_persons"] = persons.size();
    card["held_out"] = to_json(quality);
    if (!began_with_.is_null()) card["began_with"] = began_with_;
    WeightWriter writer;
    writer.add(*model_, "model.");
    writer.write(out_, to_metadata({kSyncName, kSyncVersion, config_.to_json(), card.dump()}));
  }

  const Flags& flags_;
  PackReader pack_;
  std::filesystem::path out_;
  TrainLog log_;
  std::uint64_t seed_;
  std::int64_t batch_;
  Budget budget_;
  SyncConfig config_;
  torch::Device device_ = torch::kCPU;
  std::vector<SyncClip> train_, held_out_;
  torch::Tensor targets_;
  std::shared_ptr<SyncModel> model_;
  nlohmann::ordered_json began_with_;  // card of --from
  double best_ = -1;
  std::int64_t refused_ = 0;
  std::int64_t aligns_ = 0;   // wanted
  std::int64_t aligned_ = 0;  // done
};

}  // namespace

int train_sync(const std::vector<std::string>& args) {
  const Flags flags("sync", kFlags, args);
  if (flags.help_wanted()) {
    TrainLog("").note(flags.help());
    return 0;
  }
  SyncTraining(flags).run();
  return stop_requested() ? static_cast<int>(ErrorCode::kInterrupted) : 0;
}

}  // namespace visema::training
