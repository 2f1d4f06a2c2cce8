#pragma once

#include <cstdint>
#include <filesystem>
#include <stop_token>

#include "visema/core/log.h"

namespace visema::session {

struct CompactOptions {
  std::filesystem::path pack;  // a training pack (docs/training-pack.md)
  std::filesystem::path out;   // folder of the compact pack, made when missing
  std::int64_t part_bytes = std::int64_t{30} << 20;  // largest size of a part
  int crop_crf = 16;     // x264's quality of the face crops, 0..51, less is better
  int mouth_crf = 18;    // the same of the mouths
  int workers = 0;       // groups of clips at a time; 0: as many as cores
  int group_clips = 32;  // that are coded together, at most
};

/// What a compact pack differs by from the pack that it was made of, pictures aside.
struct CompactErrors {
  double mesh_rms = 0;       // of a coordinate, canonical units (distance of the outer eye corners)
  double mesh_most = 0;      // the largest
  double lips_rms = 0;       // of the lip points' coordinates
  double points_rms_px = 0;  // of a coordinate of crop_points, crop pixels
  double points_most_px = 0;
  double mel_most = 0;  // of a log-mel value, which lies in -4..4
};

struct CompactReport {
  std::int64_t clips = 0;
  std::int64_t parts = 0;
  std::int64_t bytes = 0;       // of all files
  std::int64_t pack_bytes = 0;  // of the pack's shards
  CompactErrors errors;
};

/// Writes a training pack small: pictures as H.264, faces by principal components, sound in 8 bits,
/// in parts: the first parts hold both splits and the talking clips; later ones add to them, the
/// last ones hold silent clips. models/training/unpack.py makes a pack of them again, or of those
/// that are there. Throws Error(kInput) or Error(kModel) that names the file or the clip of the
/// pack, Error(kUsage) when a part cannot hold a group of clips or both folders are one,
/// Error(kOutput), Error(kInterrupted).
CompactReport compact(const CompactOptions& options, const ProgressSink& progress = {},
                      std::stop_token stop = {});

}  // namespace visema::session
