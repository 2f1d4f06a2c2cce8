#include <charconv>
#include <optional>
#include <vector>

#include "visema/audio/pcm_stream.h"
#include "visema/core/error.h"

namespace visema {
namespace {

constexpr std::string_view kPcm = "pcm:";
constexpr int kLeastRateHz = 4000;
constexpr int kMostRateHz = 192000;
constexpr int kMostChannels = 8;

[[noreturn]] void refuse(std::string_view text, const std::string& why) {
  throw Error(ErrorCode::kUsage, "input \"" + std::string(text) + "\": " + why);
}

int number_in(std::string_view input, const char* name, std::string_view text, int low, int high) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < low || value > high)
    refuse(input, std::string(name) + " \"" + std::string(text) + "\": must be in " +
                      std::to_string(low) + ".." + std::to_string(high));
  return value;
}

void set_format(PcmSource& source, std::string_view input, std::string_view text) {
  try {
    source.format = parse_pcm_format(text);
  } catch (const Error& error) {
    refuse(input, error.what());
  }
}

void set_rate(PcmSource& source, std::string_view input, std::string_view text) {
  source.rate_hz = number_in(input, "rate", text, kLeastRateHz, kMostRateHz);
}

void set_channels(PcmSource& source, std::string_view input, std::string_view text) {
  source.channels = number_in(input, "channels", text, 1, kMostChannels);
}

/// The text up to the mark, which is taken away with it.
std::optional<std::string_view> cut(std::string_view& text, char mark) {
  const auto at = text.find(mark);
  if (at == std::string_view::npos) return std::nullopt;
  const auto part = text.substr(0, at);
  text.remove_prefix(at + 1);
  return part;
}

void set_option(PcmSource& source, std::string_view input, std::string_view option) {
  const auto name = cut(option, '=');
  if (name == "format") {
    set_format(source, input, option);
  } else if (name == "rate") {
    set_rate(source, input, option);
  } else if (name == "channels") {
    set_channels(source, input, option);
  } else if (name == "mode" && (option == "listen" || option == "connect")) {
    source.kind = option == "listen" ? PcmSource::Kind::kListen : PcmSource::Kind::kConnect;
  } else {
    refuse(input, "options must be format=, rate=, channels=, mode=listen or mode=connect");
  }
}

}  // namespace

PcmSource PcmSource::parse(std::string_view text) {
  PcmSource source;
  std::string_view rest = text;
  if (rest.starts_with(kPcm)) {
    rest.remove_prefix(kPcm.size());
    const auto format = cut(rest, ':');
    const auto rate = cut(rest, ':');
    const auto channels = cut(rest, ':');
    if (!channels || rest.empty())
      refuse(text, "must be pcm:FORMAT:RATE:CHANNELS:PATH, such as pcm:s16le:24000:1:-");
    set_format(source, text, *format);
    set_rate(source, text, *rate);
    set_channels(source, text, *channels);
    source.path = rest;
    return source;
  }
  source.kind = Kind::kListen;
  const auto address = cut(rest, '?');
  source.address = SocketAddress::parse(address.value_or(text));
  if (!address) return source;
  while (const auto option = cut(rest, '&')) set_option(source, text, *option);
  set_option(source, text, rest);
  return source;
}

}  // namespace visema
