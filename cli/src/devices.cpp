#include <cmath>

#include "command.h"

namespace visema::cli {
namespace {

std::string line_of(const SoundDevice& device) {
  return std::to_string(device.number) + "  " + device.name + " (" + device.host + ", " +
         std::to_string(device.channels) + (device.channels == 1 ? " channel, " : " channels, ") +
         std::to_string(std::lround(device.default_rate_hz)) + " Hz)" +
         (device.is_default ? ", default" : "");
}

class Devices : public Command {
 public:
  std::string name() const override { return "devices"; }
  std::string summary() const override { return "List what sound can be captured from."; }
  std::string examples() const override {
    return "  visema devices\n"
           "\nThe number or a part of the name follows mic: in `visema live --input mic:DEVICE`.\n";
  }

  void declare(ConfigFields&) override {}

  Outcome run(const Workplace& workplace) override {
    std::string text;
    for (const SoundDevice& device : workplace.engine.sound_devices())
      text += (text.empty() ? "" : "\n") + line_of(device);
    Outcome outcome;
    outcome.is_listing = true;
    outcome.summary = text.empty() ? "no device that captures sound" : text;
    return outcome;
  }
};

}  // namespace

std::unique_ptr<Command> make_devices() {
  return std::make_unique<Devices>();
}

}  // namespace visema::cli
