#include "loss_weights.h"

#include <algorithm>
#include <charconv>
#include <sstream>

#include "visema/core/error.h"

namespace visema::training {
namespace {

constexpr double kMost = 100;

[[noreturn]] void refuse(std::span<const LossWeight> weights, const std::string& flag,
                         std::string_view part) {
  std::string names;
  for (const LossWeight& known : weights)
    names.append(names.empty() ? "" : ", ").append(known.name);
  throw Error(ErrorCode::kUsage, flag + " " + std::string(part) +
                                     ": must be NAME=WEIGHT with a weight in 0..100 and one of " +
                                     names);
}

void change(std::span<const LossWeight> weights, const std::string& flag, std::string_view part) {
  const std::size_t equals = part.find('=');
  if (equals == std::string_view::npos) refuse(weights, flag, part);
  const auto known = std::find_if(weights.begin(), weights.end(), [&](const LossWeight& weight) {
    return weight.name == part.substr(0, equals);
  });
  if (known == weights.end()) refuse(weights, flag, part);
  double value = 0;
  const char* const end = part.data() + part.size();
  const auto [rest, error] = std::from_chars(part.data() + equals + 1, end, value);
  if (error != std::errc() || rest != end || !(value >= 0 && value <= kMost))
    refuse(weights, flag, part);
  *known->value = value;
}

}  // namespace

void change_loss_weights(std::span<const LossWeight> weights, const std::string& flag,
                         std::string_view text) {
  for (std::size_t comma = 0; comma != std::string_view::npos;) {
    comma = text.find(',');
    change(weights, flag, text.substr(0, comma));
    if (comma != std::string_view::npos) text.remove_prefix(comma + 1);
  }
}

std::string to_text(std::span<const LossWeight> weights) {
  std::ostringstream text;
  for (const LossWeight& known : weights)
    text << (&known == &weights.front() ? "" : ",") << known.name << '=' << *known.value;
  return text.str();
}

}  // namespace visema::training
