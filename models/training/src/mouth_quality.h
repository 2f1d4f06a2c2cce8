#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <vector>

namespace visema::training {

/// How well a network says what the real mouths of held-out persons did, over clips of at least a
/// second.
struct SpeechQuality {
  double correlation = 0;   // of mouth openness, mean over clips
  double gain = 0;          // spread of openness / real spread
  double movement = 0;      // spread of its change per frame / real
  double lip_distance = 0;  // mean distance of the lip points / that of a mouth kept at rest
  double closure = 0;       // opening where real lips touch / opening elsewhere
  std::int64_t clips = 0;

  double score() const;
};

/// For a model card.
nlohmann::ordered_json to_json(const SpeechQuality& quality);

struct SpeechReport {
  SpeechQuality portrait;                          // the rest face as the only reference
  SpeechQuality referenced;                        // frames of the clip as references
  std::map<std::string, SpeechQuality> by_source;  // referenced

  double score() const { return 0.5 * (portrait.score() + referenced.score()); }
};

/// Sums that SpeechQuality is made of; those of several clips add up.
struct MouthSums {
  double correlation = 0, spread = 0, real_spread = 0, change = 0, real_change = 0;
  double distance = 0, rest_distance = 0, touching = 0, apart = 0;
  std::int64_t clips = 0, touching_frames = 0, apart_frames = 0;

  void add(const MouthSums& other);
  SpeechQuality quality() const;
};

/// One clip's frames in order, a network's mouth beside the real one. All numbers are offsets from
/// the rest face in canonical units.
class MouthMeasure {
 public:
  struct Frame {
    double opening = 0, real_opening = 0;
    std::span<const float> lips;       // [40, 2], x and y
    std::span<const float> real_lips;  // likewise
    bool follows = false;              // the frame before was added too
  };
  void add(const Frame& frame);
  /// None where the real mouth stood still or the clip is too short for a correlation.
  MouthSums sums() const;

 private:
  MouthSums sums_;
  std::vector<double> said_, real_, said_change_, real_change_;
};

/// Places of the clips of at least a second, thinned so that they have about `most_frames` frames
/// together. `times`: of each clip's frames, seconds.
std::vector<std::size_t> choose_clips(const std::vector<std::span<const float>>& times,
                                      std::int64_t most_frames);

}  // namespace visema::training
