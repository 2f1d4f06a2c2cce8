#include "trials.h"

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <thread>

#include "clip_sound.h"
#include "visema/core/error.h"
#include "visema/session/eval.h"

namespace visema::ruler {
namespace {

class Trials {
 public:
  Trials(const std::vector<RulerClip>& clips, session::ModelPaths models,
         std::filesystem::path work, bool sync)
      : models_(std::move(models)), work_(std::move(work)), sync_(sync), all_(clips.size()) {
    for (std::size_t i = 0; i < clips.size(); ++i) {
      all_[i].path = clips[i].path;
      all_[i].person = clips[i].person;
      all_[i].source = clips[i].path.parent_path().filename().string();
    }
  }

  std::vector<ClipTrials> run() {
    std::vector<std::jthread> workers;
    for (unsigned i = 0; i < std::max(1U, std::thread::hardware_concurrency()); ++i)
      workers.emplace_back([this] { work(); });
    workers.clear();
    return std::move(all_);
  }

 private:
  void work() {
    for (std::size_t i = next_++; i < all_.size(); i = next_++) {
      try_clip(i);
      std::fprintf(stderr, "%zu of %zu clips\n", ++done_, all_.size());
    }
  }

  void try_clip(std::size_t index) {
    ClipTrials& clip = all_[index];
    const auto sound = read_sound(clip.path);
    const auto wav = file(index, "wav");
    const auto with = [&](const std::vector<float>& samples) {
      write_sound(wav, samples);
      return measure(clip.path, wav);
    };
    const EvaluationReport own = evaluate(clip.path, {});
    clip.own = trial_of(own);
    clip.openness = own.openness;
    if (!sync_) return;
    for (const int frames : kShifts) clip.shifted.push_back(with(shifted(sound, frames)));
    for (const double snr_db : kNoise) clip.noisy.push_back(with(noisy(sound, snr_db)));
    for (const std::size_t other : others_of(index))
      clip.other.push_back(with(read_sound(all_[other].path)));
    write_sound(wav, sound);
    for (const double share : kFrozen) clip.frozen.push_back(measure(freeze(index, share), wav));
    clip.still = measure(freeze(index, 1), wav);
    std::filesystem::remove(wav);
    std::filesystem::remove(file(index, "mp4"));
  }

  std::vector<std::size_t> others_of(std::size_t index) const {
    std::vector<std::size_t> others;
    for (std::size_t step = 1; step < all_.size() && others.size() < kOthers; ++step) {
      const std::size_t other = (index + step * 7) % all_.size();
      if (all_[other].person != all_[index].person) others.push_back(other);
    }
    return others;
  }

  /// The clip with its picture standing still for a share of each second, all of it at 1.
  std::filesystem::path freeze(std::size_t index, double share) const {
    const auto out = file(index, "mp4");
    const std::string filter = share < 1 ? "select='lt(mod(t\\,1)\\," + std::to_string(1 - share) +
                                               ")',tpad=stop=-1:stop_mode=clone"
                                         : "loop=loop=-1:size=1";
    const std::string command = "ffmpeg -v error -y -i '" + all_[index].path.string() + "' -vf \"" +
                                filter + "\" -fps_mode cfr -r 25 -t " +
                                std::to_string(length(index)) + " -an -crf 18 '" + out.string() +
                                "' </dev/null";
    if (std::system(command.c_str()) != 0)
      throw Error(ErrorCode::kOutput, "cannot be run: " + command);
    return out;
  }

  double length(std::size_t index) const {
    const auto& times = all_[index].openness.time_s;
    return times.empty() ? 1 : times.back() + 0.04;
  }

  std::filesystem::path file(std::size_t index, const char* extension) const {
    return work_ / (std::to_string(index) + "." + extension);
  }

  EvaluationReport evaluate(const std::filesystem::path& video,
                            const std::filesystem::path& audio) const {
    session::EvalOptions options;
    options.video = video;
    options.audio = audio;
    options.phones = false;
    options.syncnet = false;
    options.models = models_;
    return session::evaluate(options);
  }

  SyncTrial measure(const std::filesystem::path& video, const std::filesystem::path& audio) const {
    return trial_of(evaluate(video, audio));
  }

  static SyncTrial trial_of(const EvaluationReport& report) {
    SyncTrial trial;
    const Figure* offset = report.figure("sync.offset_frames");
    const Figure* confidence = report.figure("sync.confidence");
    trial.measured = offset != nullptr && offset->value && confidence->value;
    if (!trial.measured) return trial;
    trial.offset = static_cast<int>(*offset->value);
    trial.confidence = *confidence->value;
    trial.margin = report.figure("sync.margin")->value.value_or(0);
    trial.evidence = report.figure("sync.evidence")->value.value_or(0);
    trial.seconds = report.figure("sync.seconds")->value.value_or(0);
    trial.distance = report.sync_distance;
    return trial;
  }

  session::ModelPaths models_;
  std::filesystem::path work_;
  bool sync_;
  std::vector<ClipTrials> all_;
  std::atomic<std::size_t> next_ = 0;
  std::atomic<std::size_t> done_ = 0;
};

}  // namespace

std::vector<ClipTrials> run_trials(const std::vector<RulerClip>& clips,
                                   const session::ModelPaths& models,
                                   const std::filesystem::path& work, bool sync) {
  std::filesystem::create_directories(work);
  return Trials(clips, models, work, sync).run();
}

}  // namespace visema::ruler
