#include <algorithm>
#include <cctype>
#include <string>

#include "capture_stream.h"
#include "visema/core/error.h"

namespace visema {
namespace {

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

bool is_number(const std::string& text) {
  return !text.empty() && text.size() < 6 &&
         std::all_of(text.begin(), text.end(), [](unsigned char c) { return std::isdigit(c); });
}

/// How well a device answers to a name: 3 surely, 2 by its whole name, 1 by a part of it, 0 not.
int likeness(const SoundDevice& device, const std::string& wanted) {
  if (wanted.empty()) return 0;
  if (is_number(wanted)) return device.number == std::stoi(wanted) ? 3 : 0;
  if (wanted == "default" && device.is_default) return 3;
  const std::string name = lower(device.name);
  if (name == lower(wanted)) return 2;
  return name.find(lower(wanted)) != std::string::npos ? 1 : 0;
}

}  // namespace

const SoundDevice& find_device(const std::vector<SoundDevice>& devices, const std::string& wanted) {
  const auto best = std::max_element(
      devices.begin(), devices.end(),
      [&](const auto& a, const auto& b) { return likeness(a, wanted) < likeness(b, wanted); });
  if (best != devices.end() && likeness(*best, wanted) > 0) return *best;
  std::string list;
  for (const SoundDevice& device : devices)
    list += (list.empty() ? "" : ", ") + std::to_string(device.number) + " \"" + device.name + "\"";
  throw Error(ErrorCode::kInput,
              "microphone \"" + wanted + "\": no such device; " +
                  (list.empty() ? "there is none that captures sound" : "there are " + list));
}

}  // namespace visema
