#pragma once

#include <sys/types.h>

#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

namespace visema::batch {

/// What this machine lacks, for which a test of Slurm is skipped.
class NoSlurmHere : public std::runtime_error {
  using runtime_error::runtime_error;
};

/// Slurm on this machine alone: munged where none runs, slurmctld and slurmd. Needs root and
/// Debian's slurm-wlm, slurm-wlm-basic-plugins and munge.
class SlurmCluster {
 public:
  /// Throws NoSlurmHere, and std::runtime_error when Slurm is there and does not come up.
  explicit SlurmCluster(const std::filesystem::path& folder);
  ~SlurmCluster();
  SlurmCluster(const SlurmCluster&) = delete;
  SlurmCluster& operator=(const SlurmCluster&) = delete;

  /// Runs a command of Slurm's in a folder and returns what it printed. Throws when it fails.
  std::string run(const std::string& command) const;

 private:
  void begin();
  void end();
  void start_munge();
  void write_configuration() const;
  void start(const std::string& command);
  void wait_for_node() const;

  std::filesystem::path folder_;
  std::vector<pid_t> daemons_;
  bool own_munge_ = false;
};

}  // namespace visema::batch
