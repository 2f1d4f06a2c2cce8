#include "visema/batch/status.h"

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <nlohmann/json.hpp>

#include "visema/core/error.h"

namespace visema::batch {
namespace {

using nlohmann::ordered_json;

/// 2026-11-24T20:54:15Z; empty: not yet.
std::string time_text(std::int64_t ms) {
  if (ms == 0) return {};
  const auto seconds = static_cast<std::time_t>(ms / 1000);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text;
}

ordered_json json_of(const JobRecord& record) {
  const JobResult& result = record.result;
  ordered_json json = {{"id", record.id},
                       {"line", record.line},
                       {"state", name_of(record.state)},
                       {"attempts", record.attempts},
                       {"out", record.out},
                       {"face", record.face},
                       {"audio", record.sound},
                       {"audio_seconds", record.sound_seconds},
                       {"started", time_text(record.started_ms)},
                       {"ended", time_text(record.ended_ms)},
                       {"cause", record.error_code == 0 ? "" : cause_of(record.error_code)},
                       {"error", record.error},
                       {"options_sha256", record.options_sha256},
                       {"face_sha256", record.face_sha256},
                       {"audio_sha256", record.sound_sha256},
                       {"output_sha256", result.output_sha256},
                       {"output_bytes", result.output_bytes},
                       {"frames", result.frames},
                       {"video_seconds", result.sound_seconds},
                       {"render_seconds", result.render_seconds},
                       {"model_version", result.model_version},
                       {"model_sha256", result.model_sha256}};
  json["measures"] = ordered_json::parse(result.measures.empty() ? "null" : result.measures);
  return json;
}

std::string text_of(const ordered_json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

/// RFC 4180.
std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? "\"\"" : std::string(1, c);
  return quoted + '"';
}

std::string first_line(const std::string& text) {
  return text.substr(0, text.find('\n'));
}

}  // namespace

std::string status_table(const std::vector<JobRecord>& records) {
  const JobCounts counts = count(records);
  std::string text = std::to_string(counts.total()) + " jobs: " + std::to_string(counts.done) +
                     " done, " + std::to_string(counts.failed) + " failed, " +
                     std::to_string(counts.running) + " running, " +
                     std::to_string(counts.waiting) + " waiting, " +
                     std::to_string(counts.cancelled) + " cancelled\n";
  std::size_t widest = 2;
  for (const JobRecord& record : records) widest = std::max(widest, record.id.size());
  const auto pad = [](std::string field, std::size_t width) {
    field.resize(std::max(field.size(), width), ' ');
    return field + "  ";
  };
  text += pad("id", widest) + "state      tries  seconds  output, error\n";
  for (const JobRecord& record : records) {
    char numbers[48];
    std::snprintf(numbers, sizeof numbers, "%5d  %7.1f  ", record.attempts, record.sound_seconds);
    text += pad(record.id, widest) + pad(std::string(name_of(record.state)), 9) + numbers +
            (record.error.empty() ? record.out : first_line(record.error)) + "\n";
  }
  return text;
}

std::string status_json(const std::vector<JobRecord>& records) {
  const JobCounts counts = count(records);
  ordered_json json = {{"total", counts.total()},      {"done", counts.done},
                       {"failed", counts.failed},      {"running", counts.running},
                       {"waiting", counts.waiting},    {"cancelled", counts.cancelled},
                       {"jobs", ordered_json::array()}};
  for (const JobRecord& record : records) json["jobs"].push_back(json_of(record));
  return json.dump(1, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

std::string status_csv(const std::vector<JobRecord>& records) {
  std::string text;
  const ordered_json names = json_of({});
  for (const auto& [name, value] : names.items()) {
    if (!text.empty()) text += ',';
    text += name;
  }
  text += "\r\n";
  for (const JobRecord& record : records) {
    const ordered_json row = json_of(record);
    std::string line;
    for (const auto& value : row) {
      if (&value != &row.front()) line += ',';
      line += csv_field(value.is_null() ? "" : text_of(value));
    }
    text += line + "\r\n";
  }
  return text;
}

std::vector<std::filesystem::path> ledgers_in(const std::filesystem::path& out_dir) {
  std::vector<std::filesystem::path> shards;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(out_dir, error)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with("ledger-") && name.ends_with(".sqlite")) shards.push_back(entry.path());
  }
  if (error) throw Error(ErrorCode::kInput, out_dir.string() + ": " + error.message());
  if (shards.empty() && std::filesystem::exists(out_dir / "ledger.sqlite"))
    shards.push_back(out_dir / "ledger.sqlite");
  if (shards.empty())
    throw Error(ErrorCode::kInput, out_dir.string() + ": no ledger of a batch is here");
  std::sort(shards.begin(), shards.end());
  return shards;
}

std::vector<JobRecord> jobs_in(const std::filesystem::path& out_dir) {
  std::vector<JobRecord> all;
  for (const auto& file : ledgers_in(out_dir)) {
    auto records = Ledger(file, Ledger::Open::kExisting).records();
    all.insert(all.end(), std::make_move_iterator(records.begin()),
               std::make_move_iterator(records.end()));
  }
  std::stable_sort(all.begin(), all.end(),
                   [](const JobRecord& a, const JobRecord& b) { return a.line < b.line; });
  return all;
}

}  // namespace visema::batch
