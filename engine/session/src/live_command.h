#pragma once

#include <functional>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>

namespace visema::session {

using CommandJson = nlohmann::ordered_json;

/// The reply to a line of the control socket, without its end. `perform` does what the command says
/// and adds to the reply; what it throws becomes the reply's error.
std::string answer_command(
    const std::string& line,
    const std::function<void(const CommandJson& command, CommandJson& reply)>& perform);

/// For what a command asks in vain. Throws Error(kUsage).
[[noreturn]] void refuse_command(const std::string& text);
/// A text among the fields of a command. Throws Error(kUsage) that names it.
std::string command_text(const CommandJson& command, const char* field);
/// The name of a command, which must be one of these. Throws Error(kUsage) that names them.
std::string command_name(const CommandJson& command, std::span<const std::string_view> allowed);
/// Fields that no command knows are refused, so that a misspelt one is noticed.
void allow_only(const CommandJson& command, std::initializer_list<const char*> fields);

}  // namespace visema::session
