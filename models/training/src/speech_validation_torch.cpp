#include "speech_validation_torch.h"

#include <span>

#include "speech_mouths_torch.h"
#include "speech_sampler.h"

namespace visema::training {
namespace {

constexpr double kLongSeconds = 2;

/// What all networks say of a clip, in the mean.
class MeanTeller {
 public:
  MeanTeller(const std::vector<MeasuredSpeech>& networks, torch::Device device)
      : networks_(networks) {
    for (const MeasuredSpeech& network : networks) {
      samplers_.emplace_back(network.set, network.basis, 0, SpeechSampler::Shares{});
      tellers_.emplace_back(network.basis, device);
    }
  }

  ClipMouths tell(std::size_t clip, SpeechSampler::References references) const {
    std::vector<ClipMouths> said;
    for (std::size_t i = 0; i < networks_.size(); ++i)
      said.push_back(tellers_[i].tell(networks_[i].model, samplers_[i],
                                      networks_[i].set.clips[clip], references));
    return ClipMouths::mean(said);
  }

 private:
  const std::vector<MeasuredSpeech>& networks_;
  std::vector<SpeechSampler> samplers_;
  std::vector<MouthTeller> tellers_;
};

struct Compared {
  MouthSums sums;
  MouthErrors errors;
};

/// Over the frames with a real mouth.
Compared compare(const SpeechClip& clip, const ClipMouths& said, const ClipMouths& real) {
  MouthMeasure measure;
  LipFrames said_lips, real_lips;
  for (std::size_t i = 0; i < said.opening.size(); ++i) {
    if (clip.valid[i] == 0) continue;
    const bool follows = i > 0 && clip.valid[i - 1] != 0;
    measure.add({said.opening[i], real.opening[i], said.lips[i], real.lips[i], follows});
    said_lips.push_back(said.lips[i]);
    real_lips.push_back(real.lips[i]);
  }
  const MouthSums sums = measure.sums();
  if (sums.clips == 0) return {};
  return {sums, explain_errors(said_lips, real_lips)};
}

}  // namespace

SpeechMeasures measure(const std::vector<MeasuredSpeech>& networks, std::int64_t most_frames,
                       torch::Device device) {
  for (const MeasuredSpeech& network : networks) network.model.eval();
  const MeanTeller teller(networks, device);
  SpeechMeasures measures;
  MouthSums portrait, referenced;
  std::map<std::string, MouthSums> by_source;
  const std::vector<SpeechClip>& clips = networks[0].set.clips;
  std::vector<std::span<const float>> times;
  for (const SpeechClip& clip : clips) times.emplace_back(clip.time_s);
  for (const std::size_t c : choose_clips(times, most_frames)) {
    const SpeechClip& clip = clips[c];
    const ClipMouths real = real_mouths(clip);
    const Compared alone =
        compare(clip, teller.tell(c, SpeechSampler::References::kRestOnly), real);
    const Compared known = compare(clip, teller.tell(c, SpeechSampler::References::kClip), real);
    portrait.add(alone.sums);
    measures.portrait_errors.add(alone.errors);
    referenced.add(known.sums);
    by_source[clip.source].add(known.sums);
    measures.referenced_errors.add(known.errors);
    if (clip.time_s.back() - clip.time_s.front() >= kLongSeconds)
      measures.long_errors.add(known.errors);
  }
  for (const MeasuredSpeech& network : networks) network.model.train();
  measures.report = {portrait.quality(), referenced.quality(), {}};
  for (const auto& [source, sums] : by_source) measures.report.by_source[source] = sums.quality();
  return measures;
}

std::vector<std::pair<std::string, double>> values_of(const SpeechReport& report) {
  return {{"score", report.score()},
          {"correlation", report.referenced.correlation},
          {"gain", report.referenced.gain},
          {"movement", report.referenced.movement},
          {"lips", report.referenced.lip_distance},
          {"closure", report.referenced.closure},
          {"portrait_correlation", report.portrait.correlation},
          {"portrait_gain", report.portrait.gain},
          {"portrait_lips", report.portrait.lip_distance}};
}

}  // namespace visema::training
