#include "worker_process.h"

#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <system_error>

#include "visema/batch/worker.h"
#include "visema/core/error.h"

namespace visema::batch {
namespace {

constexpr int kLockInWorker = 3;

class SpawnSettings {
 public:
  SpawnSettings(int socket, int lock, int listener) {
    posix_spawn_file_actions_init(&files_);
    posix_spawn_file_actions_adddup2(&files_, socket, STDIN_FILENO);
    // Nothing that a library prints may get between the texts of the batch.
    posix_spawn_file_actions_adddup2(&files_, STDERR_FILENO, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&files_, lock, kLockInWorker);
    if (listener >= 0) posix_spawn_file_actions_adddup2(&files_, listener, kPainterListener);
    posix_spawnattr_init(&attributes_);
    // Ctrl-C at a terminal is for the batch alone, which blocks signals that a worker awaits.
    sigset_t none;
    sigemptyset(&none);
    posix_spawnattr_setsigmask(&attributes_, &none);
    posix_spawnattr_setpgroup(&attributes_, 0);
    posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK);
  }
  ~SpawnSettings() {
    posix_spawn_file_actions_destroy(&files_);
    posix_spawnattr_destroy(&attributes_);
  }
  SpawnSettings(const SpawnSettings&) = delete;
  SpawnSettings& operator=(const SpawnSettings&) = delete;

  int spawn(const std::vector<std::string>& command, int& pid) {
    std::vector<char*> argv;
    for (const std::string& word : command) argv.push_back(const_cast<char*>(word.c_str()));
    argv.push_back(nullptr);
    return posix_spawn(&pid, argv[0], &files_, &attributes_, argv.data(), environ);
  }

 private:
  posix_spawn_file_actions_t files_{};
  posix_spawnattr_t attributes_{};
};

std::string text_of(int status) {
  if (WIFSIGNALED(status)) {
    const int signal = WTERMSIG(status);
    return "was killed by signal " + std::to_string(signal) + " (" + strsignal(signal) + ")";
  }
  return "ended with exit code " + std::to_string(WEXITSTATUS(status));
}

}  // namespace

WorkerProcess::WorkerProcess(const std::vector<std::string>& command, int lock, int listener) {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
    throw Error(ErrorCode::kInternal,
                "no socket for a worker: " + std::generic_category().message(errno));
  const int code = SpawnSettings(ends[1], lock, listener).spawn(command, pid_);
  close(ends[1]);
  descriptor_ = ends[0];
  socket_ = LineSocket(descriptor_);
  if (code == 0) return;
  close(descriptor_);
  throw Error(ErrorCode::kInternal, command[0] + ": the process cannot be started: " +
                                        std::generic_category().message(code));
}

WorkerProcess::~WorkerProcess() {
  end();
  close(descriptor_);
}

std::string WorkerProcess::end() {
  if (pid_ < 0) return "has ended";
  int status = 0;
  // One that has ended by itself keeps its own status.
  if (waitpid(pid_, &status, WNOHANG) == 0) {
    kill(pid_, SIGKILL);
    while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
  }
  pid_ = -1;
  return text_of(status);
}

std::int64_t WorkerProcess::resident_bytes() const {
  std::ifstream file("/proc/" + std::to_string(pid_) + "/statm");
  std::int64_t all = 0, resident = 0;
  file >> all >> resident;
  return resident * sysconf(_SC_PAGESIZE);
}

}  // namespace visema::batch
