#include "log_page.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <limits>
#include <map>
#include <sstream>
#include <vector>

#include "visema/core/error.h"

namespace visema::training {
namespace {

constexpr double kWidth = 460;
constexpr double kHeight = 150;
constexpr double kLeft = 52;
constexpr double kBottom = 20;
constexpr double kSmoothing = 0.9;  // of the curve of training, each point's hold on the next

constexpr const char* kTrain = "train";  // the kind of line that has many

constexpr const char* kHead = R"(<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<style>
:root{color-scheme:light dark;--ink:#1b2430;--soft:#5a6675;--page:#fbfbf9;--rule:#dfe3e8;--line:#0b5fa8}
@media(prefers-color-scheme:dark){:root{--ink:#e6e9ed;--soft:#a3aebb;--page:#14181d;--rule:#323a44;--line:#6db3f2}}
body{margin:24px;background:var(--page);color:var(--ink);font:15px/1.5 system-ui,sans-serif}
main{display:grid;grid-template-columns:repeat(auto-fill,minmax(400px,1fr));gap:18px}
figure{margin:0}figcaption{font-weight:600}figcaption span{font-weight:400;color:var(--soft)}
svg{display:block;width:100%;height:auto}text{font:11px system-ui,sans-serif;fill:var(--soft)}
path{fill:none;stroke:var(--line);stroke-width:1.6}line{stroke:var(--rule)}img{max-width:100%}
</style>
)";

struct Point {
  double minutes, value;
};
/// By kind, then by name.
using Curves = std::map<std::string, std::map<std::string, std::vector<Point>>>;

Curves read(const std::string& text) {
  Curves curves;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string kind, name, text_of_value;
    long step = 0;
    double minutes = 0;
    if (!(words >> kind >> step >> minutes)) continue;
    while (words >> name >> text_of_value) {
      const double value = std::strtod(text_of_value.c_str(), nullptr);  // reads "nan" too
      if (std::isfinite(value)) curves[kind][name].push_back({minutes, value});
    }
  }
  return curves;
}

std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '<')
      out += "&lt;";
    else if (c == '&')
      out += "&amp;";
    else if (c == '"')
      out += "&quot;";
    else
      out += c;
  }
  return out;
}

std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4g", value);
  return text;
}

void smooth(std::vector<Point>& points) {
  for (std::size_t i = 1; i < points.size(); ++i)
    if (points[i].minutes >= points[i - 1].minutes)  // else another training begins
      points[i].value = kSmoothing * points[i - 1].value + (1 - kSmoothing) * points[i].value;
}

std::string chart(const std::string& name, const std::vector<Point>& points) {
  const auto by_value = [](const Point& a, const Point& b) { return a.value < b.value; };
  const auto [low, high] = std::minmax_element(points.begin(), points.end(), by_value);
  const double span = std::max(high->value - low->value, 1e-9);
  const auto by_time = [](const Point& a, const Point& b) { return a.minutes < b.minutes; };
  const auto [start, end] = std::minmax_element(points.begin(), points.end(), by_time);
  const double first = start->minutes;
  const double minutes = std::max(end->minutes - first, 1e-9);
  std::string path;
  double before = std::numeric_limits<double>::infinity();
  for (const Point& p : points) {
    path += (p.minutes < before ? "M" : "L") +
            number(kLeft + (kWidth - kLeft) * (p.minutes - first) / minutes) + " " +
            number(6 + (kHeight - kBottom - 6) * (high->value - p.value) / span);
    before = p.minutes;
  }
  const auto label = [](double x, double y, const std::string& text, const char* anchor) {
    return "<text x=\"" + number(x) + "\" y=\"" + number(y) + "\" text-anchor=\"" + anchor + "\">" +
           text + "</text>";
  };
  return "<figure><figcaption>" + escaped(name) + " <span>" + number(points.back().value) +
         "</span></figcaption><svg viewBox=\"0 0 " + number(kWidth) + " " + number(kHeight) +
         "\"><line x1=\"" + number(kLeft) + "\" x2=\"" + number(kWidth) + "\" y1=\"" +
         number(kHeight - kBottom) + "\" y2=\"" + number(kHeight - kBottom) + "\"/>" +
         label(kLeft - 4, 12, number(high->value), "end") +
         label(kLeft - 4, kHeight - kBottom, number(low->value), "end") +
         label(kLeft, kHeight - 5, number(first) + " min", "start") +
         label(kWidth, kHeight - 5, number(end->minutes) + " min", "end") + "<path d=\"" + path +
         "\"/></svg></figure>\n";
}

}  // namespace

std::string log_page(const std::string& lines, const std::string& title, const std::string& sheet) {
  std::string page = kHead + ("<title>" + escaped(title) + "</title></head><body>\n<h1>") +
                     escaped(title) + "</h1>\n";
  Curves curves = read(lines);
  const auto show = [&](const std::string& kind, std::map<std::string, std::vector<Point>>& named) {
    page += "<h2>" + escaped(kind) + "</h2>\n<main>\n";
    for (auto& [name, points] : named) {
      if (kind == kTrain) smooth(points);
      page += chart(name, points);
    }
    page += "</main>\n";
  };
  for (auto& [kind, named] : curves)
    if (kind != kTrain) show(kind, named);
  if (curves.contains(kTrain)) show(kTrain, curves[kTrain]);
  if (!sheet.empty())
    page +=
        "<h2>samples</h2>\n<img alt=\"samples of validation\" src=\"" + escaped(sheet) + "\">\n";
  return page + "</body></html>\n";
}

void write_log_page(const std::filesystem::path& log, const std::filesystem::path& sheet) {
  std::ifstream file(log);
  std::stringstream text;
  text << file.rdbuf();
  const auto page = std::filesystem::path(log.string() + ".html");
  const auto part = std::filesystem::path(page.string() + ".tmp");
  const std::string shown =
      sheet.empty()
          ? ""
          : std::filesystem::proximate(sheet, std::filesystem::absolute(page).parent_path())
                .generic_string();
  if (!(std::ofstream(part) << log_page(text.str(), log.filename().string(), shown) << std::flush))
    throw Error(ErrorCode::kOutput, part.string() + ": cannot be written");
  std::filesystem::rename(part, page);
}

}  // namespace visema::training
