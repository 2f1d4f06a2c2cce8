#include "hand_over.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <vector>

#include "visema/core/error.h"

namespace visema::batch {
namespace {

/// The environment of this process and what the job adds to it.
class Environment {
 public:
  void set(const std::string& name, const std::string& value) {
    own_.push_back(name + "=" + value);
  }
  std::vector<char*> pointers() const {
    std::vector<char*> all;
    for (char** one = environ; *one != nullptr; ++one) all.push_back(*one);
    for (const std::string& one : own_) all.push_back(const_cast<char*>(one.c_str()));
    all.push_back(nullptr);
    return all;
  }

 private:
  std::vector<std::string> own_;
};

int spawn_shell(const std::string& command, const Environment& environment, int& pid) {
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&files, STDERR_FILENO, STDOUT_FILENO);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none;
  sigemptyset(&none);
  posix_spawnattr_setsigmask(&attributes, &none);
  // Ctrl-C at a terminal is for the batch alone, and the group ends as a whole.
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK);
  const std::string shell = "/bin/sh", option = "-c";
  char* const argv[] = {const_cast<char*>(shell.c_str()), const_cast<char*>(option.c_str()),
                        const_cast<char*>(command.c_str()), nullptr};
  const int code =
      posix_spawn(&pid, argv[0], &files, &attributes, argv, environment.pointers().data());
  posix_spawn_file_actions_destroy(&files);
  posix_spawnattr_destroy(&attributes);
  return code;
}

}  // namespace

HandOver::HandOver(std::string command, std::filesystem::path out_dir, int at_once)
    : command_(std::move(command)), out_dir_(std::move(out_dir)), at_once_(at_once) {}

HandOver::~HandOver() {
  for (const auto& [pid, id] : running_) {
    kill(-pid, SIGKILL);
    waitpid(pid, nullptr, 0);
  }
}

void HandOver::advance(Ledger& ledger, const LogSink& log) {
  if (command_.empty()) return;
  reap(ledger, log);
  if (static_cast<int>(running_.size()) >= at_once_) return;
  for (const std::string& id : ledger.not_handed_over()) {
    if (static_cast<int>(running_.size()) >= at_once_) return;
    const bool under_way = std::any_of(running_.begin(), running_.end(),
                                       [&](const auto& one) { return one.second == id; });
    if (under_way || failed_.contains(id)) continue;
    if (const auto record = ledger.find(id)) start(*record, log);
  }
}

void HandOver::reap(Ledger& ledger, const LogSink& log) {
  for (auto one = running_.begin(); one != running_.end();) {
    int status = 0;
    if (waitpid(one->first, &status, WNOHANG) == 0) {
      ++one;
      continue;
    }
    if (status == 0) {
      ledger.set_handed_over(one->second);
    } else {
      failed_[one->second] = status;
      if (log)
        log(LogLevel::kWarning, one->second + ": --on-done failed with exit code " +
                                    std::to_string(WIFEXITED(status) ? WEXITSTATUS(status) : -1));
    }
    one = running_.erase(one);
  }
}

void HandOver::start(const JobRecord& record, const LogSink& log) {
  Environment environment;
  environment.set("VISEMA_JOB_ID", record.id);
  environment.set("VISEMA_JOB_STATE", std::string(name_of(record.state)));
  environment.set("VISEMA_JOB_OUT", (out_dir_ / record.out).string());
  environment.set("VISEMA_JOB_SHA256", record.result.output_sha256);
  environment.set("VISEMA_JOB_ERROR", record.error);
  int pid = -1;
  if (spawn_shell(command_, environment, pid) == 0) {
    running_[pid] = record.id;
    return;
  }
  failed_[record.id] = -1;
  if (log) log(LogLevel::kWarning, record.id + ": --on-done cannot be started");
}

}  // namespace visema::batch
