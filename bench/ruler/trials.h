#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "visema/evaluation/report.h"
#include "visema/session/render.h"

namespace visema::ruler {

/// What sync.* says of one picture with one sound.
struct SyncTrial {
  bool measured = false;
  int offset = 0;
  double confidence = 0;
  double margin = 0;
  double evidence = 0;
  double seconds = 0;            // of speech that was compared
  std::vector<double> distance;  // centred, by shift -15..15
};

struct RulerClip {
  std::filesystem::path path;
  std::string person;
};

/// A clip and everything that was tried with it.
struct ClipTrials {
  std::filesystem::path path;
  std::string person;
  std::string source;  // folder of the clip
  SyncTrial own, still;
  std::vector<SyncTrial> shifted;  // as kShifts
  std::vector<SyncTrial> other;    // sounds of other persons
  std::vector<SyncTrial> noisy;    // as kNoise
  std::vector<SyncTrial> frozen;   // as kFrozen
  Curve openness;
};

inline constexpr int kShifts[] = {-9, -4, -2, 3, 5, 11};
inline constexpr double kNoise[] = {20, 10, 0, -10};    // dB
inline constexpr double kFrozen[] = {0.25, 0.5, 0.75};  // of each second
inline constexpr int kOthers = 3;

/// Runs all trials, a few clips at a time; temporary files go to `work`. Without `sync` just what
/// every clip is by itself.
std::vector<ClipTrials> run_trials(const std::vector<RulerClip>& clips,
                                   const session::ModelPaths& models,
                                   const std::filesystem::path& work, bool sync);

}  // namespace visema::ruler
