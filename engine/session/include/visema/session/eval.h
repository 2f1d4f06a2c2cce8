#pragma once

#include <filesystem>
#include <stop_token>
#include <string>
#include <vector>

#include "visema/core/log.h"
#include "visema/evaluation/report.h"
#include "visema/session/render.h"

namespace visema::session {

struct EvalOptions {
  std::filesystem::path video;      // what is judged
  std::filesystem::path reference;  // the real video of the same sentence; empty: none
  std::filesystem::path source;     // picture or video whose identity it should keep; empty: the
                                    // reference's, where there is one
  std::filesystem::path audio;      // judge the video against this sound, not its own; empty: own
  std::filesystem::path reference_dir;  // where the reference was looked for; a video that has none
                                        // is warned of
  FaceChoice face = FaceChoice::kLargest;
  int face_index = 0;   // the reference and the source show their largest face when they have fewer
  bool phones = true;   // recognise phones for closure.*
  bool syncnet = true;  // measure syncnet.* when the network was imported; slower than real time
  ComputeOptions compute;
  ModelPaths models;
};

/// Measures a talking-head video (docs/metrics.md). What cannot be measured says why in its Figure.
/// Of a longer reference only what is beside the video counts, and half a second more. With a
/// reference two threads work, without one compute.threads of them, 0 for one.
/// Reads each file once; holds about 20 kB a second of video. Throws Error: kInput when a file
/// cannot be read or shows no face, kInterrupted after a stop request.
EvaluationReport evaluate(const EvalOptions& options, const ProgressSink& progress = {},
                          const LogSink& log = {}, std::stop_token stop = {});

/// The videos of a folder, in order of their names, and for each the file of the same stem in
/// `reference_dir` (empty: no reference). Throws Error(kInput) when a folder has no video or no
/// stem occurs in both.
struct EvalPair {
  std::filesystem::path video;
  std::filesystem::path reference;
};
std::vector<EvalPair> eval_pairs(const std::filesystem::path& dir,
                                 const std::filesystem::path& reference_dir);

}  // namespace visema::session
