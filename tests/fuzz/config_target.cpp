#include <string>
#include <string_view>

#include "targets.h"
#include "visema/core/config_fields.h"
#include "visema/core/config_file.h"
#include "visema/core/error.h"

namespace visema::fuzz {
namespace {

enum class Choice { kFirst, kSecond };

struct Values {
  int whole = 1;
  double real = 0.5;
  bool flag = false;
  std::string text;
  std::filesystem::path path;
  Choice choice = Choice::kFirst;

  ConfigFields fields() {
    ConfigFields all;
    all.add("render.crf", whole, 0, 51, "a whole number");
    all.add("render.strength", real, 0.0, 2.0, "a real number");
    all.add("render.quiet", flag, "a flag");
    all.add("render.text", text, "a text");
    all.add("out", path, "a path");
    all.add("render.loop", choice, {{"cut", Choice::kFirst}, {"hold", Choice::kSecond}}, "a word");
    return all;
  }
};

}  // namespace

void config(std::span<const std::byte> bytes) try {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  const ConfigFile file = ConfigFile::parse(text, "fuzz");
  for (const auto& entry : file.entries())
    require(file.find(entry.key) == &entry, "every entry is found by its key");

  Values values;
  values.fields().apply(file);
  const std::string printed = values.fields().print();
  // Control characters have no escape and cannot be printed; a file cannot contain them either.
  Values again;
  again.fields().apply(ConfigFile::parse(printed, "printed"));
  require(again.fields().print() == printed, "what is printed reads back as the same values");
} catch (const Error&) {
}

}  // namespace visema::fuzz
