#include "slurm_cluster.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <fstream>
#include <stdexcept>
#include <thread>

namespace visema::batch {
namespace {

struct Printed {
  int code = 0;
  std::string text;
};

Printed shell(const std::string& command) {
  FILE* pipe = popen((command + " 2>&1").c_str(), "r");
  if (pipe == nullptr) throw std::runtime_error("no shell for " + command);
  std::string text;
  char buffer[4096];
  for (std::size_t count; (count = fread(buffer, 1, sizeof buffer, pipe)) > 0;)
    text.append(buffer, count);
  const int status = pclose(pipe);
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, text};
}

std::string log_of(const std::filesystem::path& file) {
  return shell("tail -n 20 " + file.string()).text;
}

}  // namespace

SlurmCluster::SlurmCluster(const std::filesystem::path& folder) : folder_(folder) {
  if (geteuid() != 0) throw NoSlurmHere("munge and Slurm need root");
  for (const char* program : {"munged", "munge", "runuser", "slurmctld", "slurmd", "sbatch"})
    if (shell(std::string("command -v ") + program).code != 0)
      throw NoSlurmHere(std::string(program) + " is missing: run scripts/setup.sh batch");
  try {
    begin();
  } catch (...) {
    end();
    throw;
  }
}

void SlurmCluster::begin() {
  start_munge();
  for (const char* name : {"state", "spool"}) std::filesystem::create_directories(folder_ / name);
  write_configuration();
  start("slurmctld -c -D");
  start("slurmd -D -N node");
  wait_for_node();
}

SlurmCluster::~SlurmCluster() {
  end();
}

void SlurmCluster::end() {
  for (auto daemon = daemons_.rbegin(); daemon != daemons_.rend(); ++daemon) {
    kill(*daemon, SIGTERM);
    waitpid(*daemon, nullptr, 0);
  }
  if (own_munge_) shell("runuser -u munge -- munged --stop");
}

void SlurmCluster::start_munge() {
  if (shell("munge -n").code == 0) return;
  const Printed printed = shell(
      "mkdir -p /run/munge && chown munge:munge /run/munge && runuser -u munge -- munged --force");
  own_munge_ = true;
  if (shell("munge -n | unmunge").code != 0)
    throw NoSlurmHere("munge cannot run here: " + printed.text);
}

void SlurmCluster::write_configuration() const {
  const int port = 20'000 + 2 * (getpid() % 10'000);
  std::ofstream(folder_ / "slurm.conf")
      << "ClusterName=visema\nSlurmctldHost=localhost(127.0.0.1)\nSlurmUser=root\nSlurmdUser=root\n"
      << "AuthType=auth/munge\n"
      // Else a task that was requeued waits until the credential of its first run has expired.
      << "AuthInfo=cred_expire=5\n"
      << "SlurmctldPort=" << port << "\nSlurmdPort=" << port + 1
      << "\nStateSaveLocation=" << (folder_ / "state").string()
      << "\nSlurmdSpoolDir=" << (folder_ / "spool").string()
      << "\nSlurmctldPidFile=" << (folder_ / "slurmctld.pid").string()
      << "\nSlurmdPidFile=" << (folder_ / "slurmd.pid").string()
      << "\nProctrackType=proctrack/linuxproc\nTaskPlugin=task/none\n"
         "JobAcctGatherType=jobacct_gather/none\nAccountingStorageType=accounting_storage/none\n"
         "SelectType=select/cons_tres\nSelectTypeParameters=CR_Core\nReturnToService=2\n"
         "SchedulerParameters=batch_sched_delay=1,sched_interval=2\n"
         "SlurmdParameters=config_overrides\nMpiDefault=none\nKillWait=5\n"
         "NodeName=node NodeHostname=localhost NodeAddr=127.0.0.1 CPUs=2 State=UNKNOWN\n"
         "PartitionName=main Nodes=node Default=YES MaxTime=INFINITE State=UP\n";
}

void SlurmCluster::start(const std::string& command) {
  const std::string name = command.substr(0, command.find(' '));
  const std::string line =
      "exec " + command + " >" + (folder_ / (name + ".log")).string() + " 2>&1";
  const std::string configuration = (folder_ / "slurm.conf").string();
  const pid_t pid = fork();
  if (pid == 0) {
    setenv("SLURM_CONF", configuration.c_str(), 1);
    execl("/bin/sh", "sh", "-c", line.c_str(), nullptr);
    _exit(127);
  }
  daemons_.push_back(pid);
}

void SlurmCluster::wait_for_node() const {
  constexpr int kPatienceS = 90;
  for (int second = 0; second < kPatienceS; ++second) {
    const Printed nodes =
        shell("SLURM_CONF=" + (folder_ / "slurm.conf").string() + " sinfo -h -o %T");
    if (nodes.code == 0 && nodes.text == "idle\n") return;
    std::this_thread::sleep_for(std::chrono::seconds(1));
  }
  throw std::runtime_error("Slurm's node did not come up: " + log_of(folder_ / "slurmctld.log") +
                           log_of(folder_ / "slurmd.log"));
}

std::string SlurmCluster::run(const std::string& command) const {
  const Printed printed =
      shell("cd " + folder_.string() + " && SLURM_CONF=" + (folder_ / "slurm.conf").string() + " " +
            command);
  if (printed.code != 0) throw std::runtime_error(command + ": " + printed.text);
  return printed.text;
}

}  // namespace visema::batch
