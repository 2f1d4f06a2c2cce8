#include "visema/batch/job_file.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <set>
#include <system_error>

#include "job_rows.h"
#include "paths.h"
#include "visema/core/error.h"
#include "visema/session/render.h"

namespace visema::batch {
namespace {

using std::filesystem::path;

constexpr std::size_t kLongestId = 200;
constexpr std::size_t kMostProblems = 1000;  // that are listed

std::string read_text(const path& file) {
  std::ifstream stream(file, std::ios::binary);
  std::error_code ignored;
  const bool opened = stream && !std::filesystem::is_directory(file, ignored);
  std::string all;
  if (opened) all.assign(std::istreambuf_iterator<char>(stream), {});
  if (!opened || stream.bad())
    throw Error(ErrorCode::kInput, file.string() + ": the job file cannot be read");
  if (all.starts_with("\xEF\xBB\xBF")) all.erase(0, 3);
  return all;
}

bool is_utf8(const std::string& text) {
  try {
    static_cast<void>(nlohmann::json(text).dump());
    return true;
  } catch (const nlohmann::json::exception&) {
    return false;
  }
}

/// Empty: the file is there.
std::string problem_of_input(const path& file) {
  std::error_code ignored;
  if (std::filesystem::is_directory(file, ignored)) return "is a folder";
  return access(file.c_str(), R_OK) == 0
             ? ""
             : "cannot be read: " + std::generic_category().message(errno);
}

/// Turns rows into jobs and collects what is wrong with them.
class JobReader {
 public:
  JobReader(path folder, path out_dir, const JobFormat& format, std::vector<LineProblem>& problems)
      : folder_(std::move(folder)),
        out_dir_(std::move(out_dir)),
        format_(format),
        problems_(problems) {}

  Job read(const JobRow& row) {
    line_ = row.line;
    Job job;
    job.line = row.line;
    format_.reset();
    for (const auto& [name, text] : row.values)
      if (!is_utf8(name) || !is_utf8(text))
        complain("is not UTF-8");
      else if (name == "id")
        job.id = text;
      else
        set(name, text);
    check_id(job.id);
    set_default_output(job.id);
    for (const std::string& problem : format_.problems()) complain(problem);
    for (const ConfigField& field : format_.fields)
      if (field.name != "out") job.options[field.name] = field.text();
    job.out = text_relative_to(value_of("out"), out_dir_);
    check_inputs(job);
    return job;
  }

 private:
  void complain(const std::string& text) { problems_.push_back({line_, text}); }

  const ConfigField* find(const std::string& name) const {
    const auto found = std::find_if(format_.fields.begin(), format_.fields.end(),
                                    [&](const ConfigField& field) { return field.name == name; });
    return found == format_.fields.end() ? nullptr : &*found;
  }

  std::string value_of(const std::string& name) const { return find(name)->text(); }

  void set(const std::string& name, const std::string& text) {
    const ConfigField* field = find(name);
    if (field == nullptr)
      complain(quote_config_value(name) +
               ": no such field; `visema batch --print-schema` lists them");
    else if (name == "out")
      set_output(*field, text);
    else if (is_path(*field) || (name == "background" && !session::background_file(text).empty()))
      field->set((folder_ / text).lexically_normal().string());
    else if (!field->set(text))
      complain(std::string(name).append(" = ").append(quote_config_value(text)) + ": must be " +
               field->allowed);
  }

  /// An absolute path may lie anywhere.
  void set_output(const ConfigField& field, const std::string& text) {
    const std::string file = (out_dir_ / text).lexically_normal().string();
    field.set(file);
    if (path(text).is_relative() && is_outside(file))
      complain("out = " + quote_config_value(text) +
               ": lies outside of --out-dir: must be inside or an absolute path");
  }

  void set_default_output(const std::string& id) {
    if (!value_of("out").empty() || id.empty()) return;
    const std::string file = (out_dir_ / (id + ".mp4")).lexically_normal().string();
    find("out")->set(file);
    if (is_outside(file))
      complain("id " + quote_config_value(id) + ": " + file +
               " lies outside of --out-dir: must have another id or an out of its own");
  }

  bool is_outside(const std::string& file) const {
    return path(text_relative_to(file, out_dir_)).is_absolute();
  }

  void check_id(const std::string& id) {
    if (id.empty())
      complain("id is needed");
    else if (id.size() > kLongestId)
      complain("id of " + std::to_string(id.size()) + " bytes: must have at most " +
               std::to_string(kLongestId));
    else if (std::any_of(id.begin(), id.end(), [](unsigned char c) { return c < 32 || c == 127; }))
      complain("id holds a control character");
    else if (id.find(';') != std::string::npos || id.front() == ' ' || id.back() == ' ' ||
             id == "*")
      complain("id " + quote_config_value(id) +
               ": must have no ; and no space at its ends, and must not be *, as --job takes it");
  }

  void check_inputs(const Job& job) {
    for (const char* name : {"source", "avatar", "audio"}) {
      const std::string& file = job.options.at(name);
      const std::string problem = file.empty() ? "" : problem_of_input(file);
      if (problem.empty()) continue;
      complain(std::string(file).append(": ").append(problem).append(" (").append(name) + ")");
    }
    const std::string background = job.background();
    const std::string problem = background.empty() ? "" : problem_of_input(background);
    if (!problem.empty()) complain(background + ": " + problem + " (background)");
  }

  const path folder_, out_dir_;
  const JobFormat& format_;
  std::vector<LineProblem>& problems_;
  int line_ = 0;
};

/// The file itself, which need not exist, whatever links lead to it.
std::string file_of(const path& name) {
  std::error_code error;
  const path file = std::filesystem::weakly_canonical(name, error);
  return (error ? name.lexically_normal() : file).string();
}

void check_together(const std::vector<Job>& jobs, const path& out_dir,
                    std::vector<LineProblem>& problems) {
  std::map<std::string, int> ids, outs, inputs;
  const auto remember = [](std::map<std::string, int>& seen, const std::string& name, int line) {
    const auto [place, fresh] = seen.emplace(name, line);
    return fresh ? 0 : place->second;
  };
  for (const Job& job : jobs)
    for (const char* name : {"source", "avatar", "audio"})
      if (!job.options.at(name).empty()) inputs.emplace(file_of(job.options.at(name)), job.line);
  for (const Job& job : jobs)
    if (!job.background().empty()) inputs.emplace(file_of(job.background()), job.line);
  for (const Job& job : jobs) {
    if (const int line = job.id.empty() ? 0 : remember(ids, job.id, job.line); line > 0)
      problems.push_back(
          {job.line, "id \"" + job.id + "\": line " + std::to_string(line) + " has the same"});
    const std::string out = (out_dir / job.out).string();
    if (const int line = job.out.empty() ? 0 : remember(outs, file_of(out), job.line); line > 0)
      problems.push_back(
          {job.line, out + ": line " + std::to_string(line) + " writes the same output"});
    if (const auto reader = inputs.find(file_of(out)); reader != inputs.end())
      problems.push_back(
          {job.line, out + ": the output is an input of line " + std::to_string(reader->second)});
  }
}

void refuse(const path& file, std::vector<LineProblem>& problems) {
  if (problems.empty()) return;
  std::stable_sort(problems.begin(), problems.end(),
                   [](const LineProblem& a, const LineProblem& b) { return a.line < b.line; });
  std::string text;
  for (std::size_t i = 0; i < std::min(problems.size(), kMostProblems); ++i) {
    if (i > 0) text += '\n';
    text += file.string() + ", line " + std::to_string(problems[i].line) + ": " + problems[i].text;
  }
  if (problems.size() > kMostProblems)
    text += "\nand " + std::to_string(problems.size() - kMostProblems) + " problems more";
  throw Error(ErrorCode::kUsage, text);
}

}  // namespace

std::vector<Job> read_job_file(const path& file, const path& out_dir, const JobFormat& format) {
  const std::string extension = file.extension().string();
  if (extension != ".jsonl" && extension != ".ndjson" && extension != ".csv")
    throw Error(ErrorCode::kUsage, file.string() + ": extension \"" + extension +
                                       "\": must be one of .jsonl, .ndjson, .csv");
  const std::string text = read_text(file);
  std::vector<LineProblem> problems;
  const auto rows = extension == ".csv" ? read_csv(text, problems) : read_jsonl(text, problems);
  const path out = absolute_path(out_dir);
  JobReader reader(absolute_path(file).parent_path(), out, format, problems);
  std::vector<Job> jobs;
  jobs.reserve(rows.size());
  for (const JobRow& row : rows) jobs.push_back(reader.read(row));
  check_together(jobs, out, problems);
  refuse(file, problems);
  if (jobs.empty()) throw Error(ErrorCode::kUsage, file.string() + ": no job in this file");
  return jobs;
}

}  // namespace visema::batch
