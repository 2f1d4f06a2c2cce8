#include "pulse_server.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <thread>
#include <vector>

namespace visema::test {
namespace {

bool succeeds(const std::string& command) {
  return std::system((command + " >/dev/null 2>&1").c_str()) == 0;
}

}  // namespace

bool PulseServer::installed() {
  return succeeds("command -v pulseaudio") && succeeds("command -v pactl") &&
         succeeds("command -v paplay") && std::filesystem::exists("/usr/share/alsa") &&
         succeeds("ls /usr/lib/*/alsa-lib/libasound_module_pcm_pulse.so");
}

PulseServer::PulseServer() {
  std::string name = (std::filesystem::temp_directory_path() / "visema-pulse-XXXXXX").string();
  folder_ = mkdtemp(name.data());
  for (const auto& [variable, part] : {std::pair{"XDG_RUNTIME_DIR", "run"},
                                       {"PULSE_RUNTIME_PATH", "run/pulse"},
                                       {"HOME", "home"}}) {
    std::filesystem::create_directories(folder_ / part);
    std::filesystem::permissions(folder_ / part, std::filesystem::perms::owner_all);
    setenv(variable, (folder_ / part).c_str(), 1);
  }
}

PulseServer::~PulseServer() {
  kill();
  std::error_code error;
  std::filesystem::remove_all(folder_, error);
}

void PulseServer::start() {
  std::vector<std::string> words = {"pulseaudio",
                                    "-n",
                                    "--daemonize=no",
                                    "--exit-idle-time=-1",
                                    "--disable-shm=yes",
                                    "--use-pid-file=no",
                                    "-L",
                                    "module-native-protocol-unix",
                                    "-L",
                                    "module-null-sink sink_name=speaker rate=16000 channels=1",
                                    "-L",
                                    "module-always-sink"};
  std::vector<char*> argv;
  for (auto& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, (folder_ / "log").c_str(),
                                   O_WRONLY | O_CREAT | O_APPEND, 0600);
  const int code = posix_spawnp(&pid_, argv[0], &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (code != 0) throw std::runtime_error("pulseaudio cannot be started");
  for (int attempt = 0; attempt < 600; ++attempt) {
    if (succeeds("pactl set-default-source speaker.monitor")) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  throw std::runtime_error("pulseaudio does not answer");
}

void PulseServer::kill() {
  if (pid_ <= 0) return;
  ::kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

void PulseServer::play(std::span<const float> samples) const {
  const auto file = folder_ / "sound.raw";
  std::ofstream(file, std::ios::binary)
      .write(reinterpret_cast<const char*>(samples.data()),
             static_cast<std::streamsize>(samples.size_bytes()));
  if (!succeeds("paplay --raw --device=speaker --format=float32le --rate=16000 --channels=1 " +
                file.string()))
    throw std::runtime_error("paplay failed");
}

}  // namespace visema::test
