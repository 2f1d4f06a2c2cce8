#include <csignal>
#include <exception>
#include <iostream>
#include <string>
#include <vector>

#include "commands.h"
#include "visema/core/error.h"

namespace {

constexpr const char* kUsage =
    "visema-train: trains the networks of Visema on a training pack (visema prepare)\n"
    "\n"
    "  visema-train speech   --pack DIR --out speech.safetensors --minutes 60\n"
    "  visema-train sync     --pack DIR --out sync.safetensors --minutes 60\n"
    "  visema-train renderer --pack DIR --out renderer.safetensors --minutes 60\n"
    "\n"
    "  visema-train speech   --arch ip-lap --pack DIR --out landmarks.safetensors --minutes 60\n"
    "  visema-train renderer --arch ip-lap --pack DIR --out renderer.safetensors --minutes 600\n"
    "\n"
    "Every subcommand explains its flags with --help.\n";

extern "C" void on_signal(int) {
  visema::training::request_stop();
}

int run(const std::vector<std::string>& words) {
  const std::string command = words.empty() ? "" : words[0];
  if (command == "--help" || command == "-h") {
    std::cout << kUsage;
    return 0;
  }
  const std::vector<std::string> args(words.begin() + (words.empty() ? 0 : 1), words.end());
  if (command == "speech") return visema::training::train_speech(args);
  if (command == "sync") return visema::training::train_sync(args);
  if (command == "renderer") return visema::training::train_renderer(args);
  if (command.starts_with("--arch"))
    throw visema::Error(visema::ErrorCode::kUsage,
                        command +
                            ": belongs behind a subcommand: visema-train speech --arch ip-lap "
                            "trains IP-LAP's landmark generator, visema-train renderer --arch "
                            "ip-lap its renderer");
  std::cerr << kUsage;
  return static_cast<int>(visema::ErrorCode::kUsage);
}

}  // namespace

int main(int count, char** words) {
  std::signal(SIGINT, on_signal);
  std::signal(SIGTERM, on_signal);
  try {
    return run({words + 1, words + count});
  } catch (const std::exception& error) {
    std::cerr << "visema-train: " << visema::describe(error) << '\n';
    return static_cast<int>(visema::code_of(error));
  }
}
