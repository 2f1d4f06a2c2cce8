#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

namespace visema::batch {

/// Slurm on this machine alone: munged where none runs, slurmctld and slurmd. Needs root and
/// Debian's slurm-wlm, slurm-wlm-basic-plugins and munge.
class SlurmCluster {
 public:
  /// Throws std::runtime_error that says what cannot run here and why.
  explicit SlurmCluster(const std::filesystem::path& folder);
  ~SlurmCluster();
  SlurmCluster(const SlurmCluster&) = delete;
  SlurmCluster& operator=(const SlurmCluster&) = delete;

  /// Runs a command of Slurm's in a folder and returns what it printed. Throws when it fails.
  std::string run(const std::string& command) const;

 private:
  void start_munge();
  void write_configuration() const;
  void start(const std::string& command);
  void wait_for_node() const;

  std::filesystem::path folder_;
  std::vector<pid_t> daemons_;
  bool own_munge_ = false;
};

}  // namespace visema::batch
