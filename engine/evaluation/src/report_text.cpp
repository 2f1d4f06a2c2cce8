#include "report_text.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "visema/evaluation/report_writers.h"

namespace visema {
namespace {

std::vector<double> values_of(std::span<const EvaluationReport> reports, const std::string& measure,
                              std::optional<double> Figure::*member) {
  std::vector<double> values;
  for (const EvaluationReport& report : reports) {
    const Figure* figure = report.figure(measure);
    if (figure != nullptr && figure->*member && std::isfinite(*(figure->*member)))
      values.push_back(*(figure->*member));
  }
  return values;
}

std::optional<double> mean(const std::vector<double>& values) {
  if (values.empty()) return std::nullopt;
  double sum = 0;
  for (const double v : values) sum += v;
  return sum / static_cast<double>(values.size());
}

}  // namespace

std::string number_text(const MeasureInfo& info, std::optional<double> value, int more_decimals) {
  if (!value || !std::isfinite(*value)) return "-";
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", info.decimals + more_decimals, *value);
  // No "-0.0".
  if (std::string_view(text).find_first_not_of("-0.") == std::string_view::npos && text[0] == '-')
    return text + 1;
  return text;
}

std::string escape_markup(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '&')
      out += "&amp;";
    else if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else if (c == '"')
      out += "&quot;";
    else if (byte >= 32 && byte != 127)
      out += c;
    else if (c == '\n' || c == '\t')
      out += ' ';
  }
  return valid_utf8(out);
}

std::string valid_utf8(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const std::size_t length = lead < 0x80         ? 1
                               : (lead >> 5) == 6  ? 2
                               : (lead >> 4) == 14 ? 3
                               : (lead >> 3) == 30 ? 4
                                                   : 0;
    bool good = length > 0 && i + length <= text.size();
    for (std::size_t j = 1; good && j < length; ++j)
      good = (static_cast<unsigned char>(text[i + j]) >> 6) == 2;
    if (good)
      out += text.substr(i, length);
    else
      out += "\xEF\xBF\xBD";
    i += good ? length : 1;
  }
  return out;
}

std::optional<double> mean_of(std::span<const EvaluationReport> reports,
                              const std::string& measure) {
  return mean(values_of(reports, measure, &Figure::value));
}

std::optional<double> real_mean_of(std::span<const EvaluationReport> reports,
                                   const std::string& measure) {
  return mean(values_of(reports, measure, &Figure::real));
}

std::optional<double> median_of(std::span<const EvaluationReport> reports,
                                const std::string& measure) {
  std::vector<double> values = values_of(reports, measure, &Figure::value);
  if (values.empty()) return std::nullopt;
  std::sort(values.begin(), values.end());
  const std::size_t n = values.size();
  return n % 2 == 1 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

std::string evaluation_table_text(std::span<const EvaluationReport> reports) {
  char line[200];
  std::snprintf(line, sizeof line, "%-30s %10s %10s %10s %7s\n", "measure", "mean", "median",
                "real mean", "videos");
  std::string text = line;
  for (const MeasureInfo& info : measures()) {
    const std::string name(info.name);
    const auto count = values_of(reports, name, &Figure::value).size();
    if (count == 0) continue;
    const int more = info.decimals == 0 ? 2 : 0;
    std::snprintf(line, sizeof line, "%-30s %10s %10s %10s %7zu  %s", name.c_str(),
                  number_text(info, mean_of(reports, name), more).c_str(),
                  number_text(info, median_of(reports, name), more).c_str(),
                  number_text(info, real_mean_of(reports, name), more).c_str(), count,
                  std::string(info.unit).c_str());
    std::string row = line;
    row.erase(row.find_last_not_of(' ') + 1);
    text += row + "\n";
  }
  return text;
}

std::string evaluation_text(const EvaluationReport& report) {
  std::string text;
  std::string group;
  const bool compared = report.reference.has_value();
  char line[300];
  std::snprintf(line, sizeof line, "%-30s %10s%s\n", "measure", "video",
                compared ? "       real" : "");
  text += line;
  for (const Figure& figure : report.figures) {
    const MeasureInfo* info = find_measure(figure.name);
    if (info == nullptr || figure.why.starts_with("needs ")) continue;
    const std::string now = figure.name.substr(0, figure.name.find('.'));
    if (!group.empty() && now != group) text += "\n";
    group = now;
    std::string real = compared ? number_text(*info, figure.real) : "";
    if (compared) real.insert(0, real.size() < 11 ? 11 - real.size() : 1, ' ');
    std::snprintf(line, sizeof line, "%-30s %10s%s  %s", figure.name.c_str(),
                  number_text(*info, figure.value).c_str(), real.c_str(),
                  std::string(info->unit).c_str());
    std::string row = line;
    if (!figure.value && !figure.why.empty()) row += "  (" + figure.why + ")";
    row.erase(row.find_last_not_of(' ') + 1);
    text += row + "\n";
  }
  for (const Requirement& r : report.requirements)
    text += std::string(r.holds ? "\nholds: " : "\nFAILS: ") + r.message;
  if (!report.requirements.empty()) text += "\n";
  return text;
}

}  // namespace visema
