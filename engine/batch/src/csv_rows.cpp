#include <algorithm>
#include <optional>

#include "job_rows.h"

namespace visema::batch {
namespace {

struct Record {
  int line = 0;
  std::vector<std::string> fields;
};

/// Cuts a CSV text into records and fields.
class CsvReader {
 public:
  CsvReader(std::string_view text, std::vector<LineProblem>& problems)
      : text_(text), problems_(problems) {}

  std::optional<Record> next() {
    if (at_ >= text_.size()) return std::nullopt;
    Record record{line_, {}};
    for (;;) {
      record.fields.push_back(peek() == '"' ? quoted() : bare());
      if (peek() == ',') {
        ++at_;
        continue;
      }
      end_record();
      return record;
    }
  }

 private:
  char peek() const { return at_ < text_.size() ? text_[at_] : '\n'; }

  bool at_end_of_line() const {
    return at_ >= text_.size() || text_[at_] == '\n' || text_.substr(at_, 2) == "\r\n";
  }

  std::string bare() {
    std::string field;
    while (!at_end_of_line() && text_[at_] != ',') {
      if (text_[at_] == '"')
        problems_.push_back({line_, "a quote inside a field that does not begin with one"});
      field += text_[at_++];
    }
    return field;
  }

  std::string quoted() {
    const int begin = line_;
    std::string field;
    for (++at_; at_ < text_.size(); ++at_) {
      if (text_[at_] == '\n') ++line_;
      if (text_[at_] != '"') {
        field += text_[at_];
      } else if (text_.substr(at_, 2) == "\"\"") {
        field += '"';
        ++at_;
      } else {
        ++at_;
        if (!at_end_of_line() && text_[at_] != ',') {
          problems_.push_back({line_, "text after the closing quote of a field"});
          bare();
        }
        return field;
      }
    }
    problems_.push_back({begin, "the quote that begins a field is never closed"});
    return field;
  }

  void end_record() {
    if (text_.substr(at_, 2) == "\r\n") ++at_;
    ++at_;
    ++line_;
  }

  std::string_view text_;
  std::vector<LineProblem>& problems_;
  std::size_t at_ = 0;
  int line_ = 1;
};

bool is_blank(const Record& record) {
  return record.fields.size() == 1 && record.fields[0].empty();
}

}  // namespace

std::vector<JobRow> read_csv(std::string_view text, std::vector<LineProblem>& problems) {
  CsvReader reader(text, problems);
  const auto names = reader.next();
  if (!names) return {};
  if (names->fields.size() == 1 && names->fields[0].find_first_of(";\t") != std::string::npos) {
    const bool tabs = names->fields[0].find('\t') != std::string::npos;
    problems.push_back({names->line, std::string("fields are separated by ") +
                                         (tabs ? "tabs" : "semicolons") + ": must be commas"});
    return {};
  }
  for (auto name = names->fields.begin(); name != names->fields.end(); ++name)
    if (std::find(names->fields.begin(), name, *name) != name)
      problems.push_back({names->line, "column \"" + *name + "\" stands there twice"});
  std::vector<JobRow> rows;
  while (const auto record = reader.next()) {
    if (is_blank(*record)) continue;
    if (record->fields.size() != names->fields.size()) {
      problems.push_back(
          {record->line, std::to_string(record->fields.size()) + " fields: must be " +
                             std::to_string(names->fields.size()) + ", as in the first line"});
      continue;
    }
    JobRow row{record->line, {}};
    for (std::size_t i = 0; i < record->fields.size(); ++i)
      if (!record->fields[i].empty()) row.values.emplace_back(names->fields[i], record->fields[i]);
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace visema::batch
