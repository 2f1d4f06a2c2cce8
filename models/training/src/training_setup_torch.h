#pragma once

#include <torch/torch.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "flags.h"
#include "pack_reader.h"
#include "schedule.h"
#include "train_log.h"
#include "visema/models/compute.h"

namespace visema::training {

/// What trainings have in common: pack, files, log, budget and device as the flags --pack, --out,
/// --log, --seed, --validate, --minutes, --steps, --device and --threads say; --from and --resume
/// exclude each other. Makes the device the one in use.
struct TrainingSetup {
  /// `flags` must outlive it. Throws Error(kUsage), Error(kInput) for the pack.
  explicit TrainingSetup(const Flags& flags);

  const Flags& flags;
  PackReader pack;
  std::filesystem::path out, checkpoint;
  TrainLog log;
  std::uint64_t seed;
  double validate_minutes;
  Budget budget;
  Compute compute;
  torch::Device device;

  /// Batches to make ahead: a GPU is faster than one thread that makes them.
  std::size_t ahead() const;
  /// Of a checkpoint. Throws Error(kUsage) where it is of another pack.
  void require_pack(const std::map<std::string, double>& progress) const;
  /// Counts steps whose gradient was no finite number. Throws Error(kInternal) after a hundred.
  void count_refused();
  /// Command, pack, steps and minutes.
  nlohmann::ordered_json card(std::int64_t steps, double minutes) const;

 private:
  int refused_ = 0;
};

}  // namespace visema::training
