#include <algorithm>
#include <cmath>
#include <filesystem>

#include "html_page.h"
#include "report_text.h"
#include "visema/core/version.h"
#include "visema/evaluation/report_writers.h"

namespace visema {
namespace {

/// How bad a value is; nothing for measures without a direction.
std::optional<double> badness(const MeasureInfo& info, double value) {
  switch (info.better) {
    case Better::kLower:
      return value;
    case Better::kHigher:
      return -value;
    case Better::kTarget:
      return std::abs(value - info.target);
    case Better::kNeither:
      return std::nullopt;
  }
  return std::nullopt;
}

/// The video that is worst in a measure; reports.size() where none is worse than another.
std::size_t worst_of(std::span<const EvaluationReport> reports, const MeasureInfo& info) {
  std::size_t worst = reports.size();
  double most = 0, least = 0;
  std::size_t have = 0;
  for (std::size_t i = 0; i < reports.size(); ++i) {
    const Figure* figure = reports[i].figure(std::string(info.name));
    if (figure == nullptr || !figure->value) continue;
    const auto bad = badness(info, *figure->value);
    if (!bad) return reports.size();
    if (have == 0 || *bad > most) {
      most = *bad;
      worst = i;
    }
    least = have++ == 0 ? *bad : std::min(least, *bad);
  }
  return most > least ? worst : reports.size();
}

std::string row(const std::string& name, const char* style,
                const std::vector<const MeasureInfo*>& columns, const auto& value) {
  std::string html = "<tr><th>" + name + "</th>";
  for (const MeasureInfo* m : columns)
    html += "<td class=\"n " + std::string(style) + "\">" +
            number_text(*m, value(std::string(m->name)), m->decimals == 0 ? 2 : 0) + "</td>";
  return html + "</tr>\n";
}

}  // namespace

std::string evaluation_table_html(std::span<const EvaluationReport> reports) {
  std::vector<const MeasureInfo*> columns;
  for (const MeasureInfo& m : measures())
    if (mean_of(reports, std::string(m.name))) columns.push_back(&m);

  std::string head = "<tr><th>video</th>";
  std::vector<std::size_t> worst;
  for (const MeasureInfo* m : columns) {
    head += "<th class=\"n\" title=\"" + escape_markup(m->summary) + "\">" +
            escape_markup(m->name) + "<br><span class=\"soft\">" + escape_markup(m->unit) +
            "</span></th>";
    worst.push_back(worst_of(reports, *m));
  }
  head += "</tr>";
  std::string body;
  bool compared = false;
  std::size_t failed = 0;
  for (std::size_t i = 0; i < reports.size(); ++i) {
    const EvaluationReport& report = reports[i];
    compared = compared || report.reference.has_value();
    failed +=
        static_cast<std::size_t>(std::any_of(report.requirements.begin(), report.requirements.end(),
                                             [](const auto& r) { return !r.holds; }));
    body += "<tr><th>" +
            escape_markup(std::filesystem::path(report.video.path).filename().string()) + "</th>";
    for (std::size_t c = 0; c < columns.size(); ++c) {
      const Figure* figure = report.figure(std::string(columns[c]->name));
      body += std::string("<td class=\"n") + (worst[c] == i ? " worst" : "") + "\">" +
              number_text(*columns[c], figure != nullptr ? figure->value : std::nullopt);
      if (figure != nullptr && figure->real)
        body += "<br><span class=\"soft\">" + number_text(*columns[c], figure->real) + "</span>";
      body += "</td>";
    }
    body += "</tr>\n";
  }
  std::string foot =
      row("mean", "", columns, [&](const auto& m) { return mean_of(reports, m); }) +
      row("median", "", columns, [&](const auto& m) { return median_of(reports, m); });
  if (compared)
    foot += row("mean of the real videos", "real", columns,
                [&](const auto& m) { return real_mean_of(reports, m); });

  std::string text = "<h1>" + std::to_string(reports.size()) + " videos</h1>\n";
  if (compared)
    text +=
        "<p class=\"note\">Beneath each figure in lighter type: the same of the real video.</p>\n";
  for (const EvaluationReport& report : reports)
    if (!report.error.empty())
      text +=
          "<ul class=\"strip\"><li class=\"fail\">not measured: " + escape_markup(report.error) +
          "</li></ul>\n";
  if (failed > 0)
    text += "<ul class=\"strip\"><li class=\"fail\">" + std::to_string(failed) +
            " videos fail a requirement</li></ul>\n";
  text += "<h2>Figures</h2>\n<div class=\"scroll\"><table>\n<thead>" + head +
          "</thead>\n<tbody>\n" + body + foot +
          "</tbody></table></div>\n<p class=\"note\">The worst figure of a column is "
          "marked. visema " +
          kVersion + "</p>\n";
  return html_page("visema eval: " + std::to_string(reports.size()) + " videos", text);
}

}  // namespace visema
