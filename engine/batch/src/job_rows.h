#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace visema::batch {

/// One job as it stands in its file.
struct JobRow {
  int line = 0;
  std::vector<std::pair<std::string, std::string>> values;  // field, text
};

/// Something wrong with a line.
struct LineProblem {
  int line = 0;
  std::string text;
};

/// One JSON object a line; empty lines are skipped. Numbers and booleans become text ("on", "off"
/// for the booleans); null counts as not given.
std::vector<JobRow> read_jsonl(std::string_view text, std::vector<LineProblem>& problems);

/// RFC 4180 with names in the first row; an empty field counts as not given.
std::vector<JobRow> read_csv(std::string_view text, std::vector<LineProblem>& problems);

}  // namespace visema::batch
