#include "speech_loss_weights.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <sstream>
#include <string_view>

#include "visema/core/error.h"

namespace visema::training {
namespace {

constexpr double kMost = 100;

struct Name {
  std::string_view name;
  double SpeechLossWeights::*weight;
};

constexpr std::array kNames = {
    Name{"points", &SpeechLossWeights::points},
    Name{"velocity", &SpeechLossWeights::velocity},
    Name{"gap", &SpeechLossWeights::gap},
    Name{"closed", &SpeechLossWeights::closed},
    Name{"upper", &SpeechLossWeights::upper},
    Name{"spread", &SpeechLossWeights::spread},
    Name{"correlation", &SpeechLossWeights::correlation},
    Name{"lips", &SpeechLossWeights::lips},
    Name{"touching", &SpeechLossWeights::touching},
};

[[noreturn]] void refuse(const std::string& flag, std::string_view part) {
  std::string names;
  for (const Name& known : kNames) names += (names.empty() ? "" : ", ") + std::string(known.name);
  throw Error(ErrorCode::kUsage, flag + " " + std::string(part) +
                                     ": must be NAME=WEIGHT with a weight in 0..100 and one of " +
                                     names);
}

void change(SpeechLossWeights& weights, const std::string& flag, std::string_view part) {
  const std::size_t equals = part.find('=');
  if (equals == std::string_view::npos) refuse(flag, part);
  const auto* const known = std::find_if(kNames.begin(), kNames.end(), [&](const Name& n) {
    return n.name == part.substr(0, equals);
  });
  if (known == kNames.end()) refuse(flag, part);
  double weight = 0;
  const char* const end = part.data() + part.size();
  const auto [rest, error] = std::from_chars(part.data() + equals + 1, end, weight);
  if (error != std::errc() || rest != end || !(weight >= 0 && weight <= kMost)) refuse(flag, part);
  weights.*(known->weight) = weight;
}

}  // namespace

SpeechLossWeights parse_loss_weights(const std::string& flag, const std::string& text) {
  SpeechLossWeights weights;
  std::string_view rest = text;
  for (std::size_t comma = 0; comma != std::string_view::npos;) {
    comma = rest.find(',');
    change(weights, flag, rest.substr(0, comma));
    if (comma != std::string_view::npos) rest.remove_prefix(comma + 1);
  }
  return weights;
}

std::string to_text(const SpeechLossWeights& weights) {
  std::ostringstream text;
  for (const Name& known : kNames)
    text << (&known == kNames.begin() ? "" : ",") << known.name << '=' << weights.*(known.weight);
  return text.str();
}

}  // namespace visema::training
