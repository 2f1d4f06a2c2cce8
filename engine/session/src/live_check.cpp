#include "live_check.h"

#include "visema/audio/pcm_stream.h"
#include "visema/core/error.h"
#include "visema/core/socket.h"

namespace visema::session {
namespace {

bool is_socket(const std::string& input) {
  return input.starts_with("tcp://") || input.starts_with("unix:");
}

bool ends(const std::string& input) {
  return input != "queue" && input != "mic" && !input.starts_with("mic:") && !is_socket(input);
}

template <typename Work>
void collect(std::vector<std::string>& problems, const Work& work) {
  try {
    work();
  } catch (const Error& error) {
    problems.emplace_back(error.what());
  }
}

}  // namespace

std::vector<std::string> session_problems(const LiveOptions& options) {
  std::vector<std::string> problems;
  const auto require = [&](bool holds, const char* text) {
    if (!holds) problems.emplace_back(text);
  };
  require(options.source.empty() != options.avatar.empty(),
          "live needs a source or an avatar, one of the two");
  require(!options.outputs.empty(), "live needs an output");
  for (const std::string& target : options.outputs)
    collect(problems, [&] { check_live_target(target, options.background == "none"); });
  if (is_socket(options.input) || options.input.starts_with("pcm:"))
    collect(problems, [&] { PcmSource::parse(options.input); });
  require(options.pace != LivePace::kOff || (ends(options.input) && options.control.empty()),
          "pace off: must have an input that ends, and no control");
  return problems;
}

std::vector<std::string> address_problems(const std::string& control, const std::string& metrics) {
  std::vector<std::string> problems;
  if (!control.empty()) collect(problems, [&] { SocketAddress::parse(control); });
  if (!metrics.empty()) collect(problems, [&] { SocketAddress::parse("tcp://" + metrics); });
  return problems;
}

std::vector<std::string> live_problems(const LiveOptions& options) {
  std::vector<std::string> problems = session_problems(options);
  for (std::string& more : address_problems(options.control, options.metrics))
    problems.push_back(std::move(more));
  return problems;
}

void refuse(const std::vector<std::string>& problems) {
  std::string text;
  for (const std::string& problem : problems) text += (text.empty() ? "" : "\n") + problem;
  if (!text.empty()) throw Error(ErrorCode::kUsage, text);
}

}  // namespace visema::session
