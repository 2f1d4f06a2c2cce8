#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>

#include "html_page.h"
#include "png.h"
#include "report_text.h"
#include "svg_plot.h"
#include "visema/core/version.h"
#include "visema/evaluation/report_writers.h"
#include "visema/evaluation/sync_score.h"

namespace visema {
namespace {

std::string facts_of(const char* what, const EvaluatedVideo& video) {
  char text[200];
  std::snprintf(text, sizeof text, ", %dx%d, %.4g frames/s, %.2f s", video.width, video.height,
                video.fps, video.duration_s);
  std::string line = std::string(what) + escape_markup(video.path) + text;
  if (video.frames_without_face > 0)
    line += ", no face in " + std::to_string(video.frames_without_face) + " of " +
            std::to_string(video.frames) + " frames";
  return "<p class=\"facts\">" + line + "</p>\n";
}

const char* arrow_of(const MeasureInfo& info) {
  switch (info.better) {
    case Better::kLower:
      return "lower is better";
    case Better::kHigher:
      return "higher is better";
    case Better::kTarget:
      return info.target == 0 ? "best is 0" : "best is 1";
    case Better::kNeither:
      return "";
  }
  return "";
}

std::string strip_of(const EvaluationReport& report) {
  if (report.requirements.empty() && report.warnings.empty()) return "";
  std::string html = "<ul class=\"strip\">\n";
  for (const Requirement& r : report.requirements)
    html += std::string(r.holds ? "<li class=\"hold\">holds: " : "<li class=\"fail\">fails: ") +
            escape_markup(r.message) + "</li>\n";
  for (const std::string& warning : report.warnings)
    html += "<li class=\"warn\">" + escape_markup(warning) + "</li>\n";
  return html + "</ul>\n";
}

std::string figures_of(const EvaluationReport& report) {
  const bool compared = report.reference.has_value();
  std::string html =
      "<h2>Figures</h2>\n<div class=\"scroll\"><table>\n<thead><tr><th>measure</th>"
      "<th class=\"n\">video</th>";
  if (compared) html += "<th class=\"n\">real</th>";
  html += "<th>unit</th><th class=\"wide\">what it is</th></tr></thead>\n<tbody>\n";
  std::string group;
  for (const Figure& figure : report.figures) {
    const MeasureInfo* info = find_measure(figure.name);
    if (info == nullptr || figure.why.starts_with("needs ")) continue;
    const std::size_t point = figure.name.find('.');
    if (figure.name.substr(0, point) != group) {
      group = figure.name.substr(0, point);
      html += "<tr class=\"group\"><th colspan=\"5\">" + escape_markup(group) + "</th></tr>\n";
    }
    html += "<tr><td>" + escape_markup(figure.name.substr(point + 1)) + "</td><td class=\"n\">" +
            number_text(*info, figure.value) + "</td>";
    if (compared) html += "<td class=\"n real\">" + number_text(*info, figure.real) + "</td>";
    html += "<td class=\"soft\">" + escape_markup(info->unit) + "</td><td class=\"wide\">" +
            escape_markup(info->summary);
    if (!figure.value && !figure.why.empty())
      html += " <span class=\"soft\">(not measured: " + escape_markup(figure.why) + ")</span>";
    const std::string arrow = arrow_of(*info);
    if (!arrow.empty()) html += " <span class=\"arrow\">" + arrow + "</span>";
    html += "</td></tr>\n";
  }
  return html + "</tbody></table></div>\n";
}

std::string figure(const std::string& svg, const std::string& caption) {
  return "<figure>" + svg + "<figcaption>" + caption + "</figcaption></figure>\n";
}

double last_time(const EvaluationReport& report) {
  double last = 1;
  for (const Curve* c : {&report.openness, &report.openness_real, &report.loudness})
    if (!c->time_s.empty()) last = std::max<double>(last, c->time_s.back());
  return last;
}

double largest(const std::vector<float>& values, double least) {
  for (const float v : values)
    if (std::isfinite(v)) least = std::max<double>(least, v);
  return least;
}

std::string keys(const EvaluationReport& report) {
  return std::string("<span class=\"key a\"></span>video ") +
         (report.reference ? "<span class=\"key b\"></span>real video " : "");
}

std::string openness_plot(const EvaluationReport& report) {
  if (report.openness.time_s.size() < 2) return "";
  PlotFrame frame{"openness of the mouth over time",
                  0,
                  last_time(report),
                  0,
                  1.05 * largest(report.openness_real.value, largest(report.openness.value, 0.05)),
                  "s",
                  "gap / face width",
                  220};
  return figure(
      plot_lines(frame, {{report.openness_real, "b"}, {report.openness, "a"}}, report.loudness),
      "Openness of the mouth: inner-lip gap over face width. " + keys(report) +
          "<span class=\"key band\"></span>loudness of the sound, -60 to 0 dB");
}

Curve shifts_of(const std::vector<double>& distance) {
  Curve curve;
  for (std::size_t i = 0; i < distance.size(); ++i) {
    curve.time_s.push_back(static_cast<float>(static_cast<int>(i) - kSyncShifts));
    curve.value.push_back(static_cast<float>(distance[i]));
  }
  return curve;
}

std::string sync_plots(const EvaluationReport& report) {
  if (report.sync_distance.empty()) return "";
  const Curve video = shifts_of(report.sync_distance);
  const Curve real = shifts_of(report.sync_distance_real);
  double low = 1e9, high = -1e9;
  for (const Curve* c : {&video, &real})
    for (const float v : c->value) {
      low = std::min<double>(low, v);
      high = std::max<double>(high, v);
    }
  const auto best = std::min_element(report.sync_distance.begin(), report.sync_distance.end());
  const double mark = static_cast<double>(best - report.sync_distance.begin()) - kSyncShifts;
  const double room = std::max(0.02, 0.1 * (high - low));
  const PlotFrame by_shift{"sync distance by shift",
                           -kSyncShifts,
                           kSyncShifts,
                           low - room,
                           high + room,
                           "shift of the sound, frames at 25/s",
                           "distance",
                           210};
  std::string html = figure(
      plot_lines(by_shift, {{real, "b"}, {video, "a"}}, {}, {mark}),
      "Distance of mouth and sound by shift, less what each sound is to any mouth of the video: a "
      "sharp dip at 0 is good sync. " +
          keys(report));
  if (report.offset.value.empty()) return html;
  std::vector<double> bars(2 * kSyncShifts + 1, 0);
  for (const float v : report.offset.value) {
    const int at = static_cast<int>(std::lround(v)) + kSyncShifts;
    if (at >= 0 && at < static_cast<int>(bars.size())) bars[static_cast<std::size_t>(at)] += 1;
  }
  for (double& bar : bars) bar *= 100.0 / static_cast<double>(report.offset.value.size());
  const PlotFrame histogram{"histogram of sync offsets",
                            -kSyncShifts - 0.6,
                            kSyncShifts + 0.6,
                            0,
                            std::max(10.0, *std::max_element(bars.begin(), bars.end())),
                            "offset, frames at 25/s",
                            "% of windows",
                            190};
  html += figure(plot_bars(histogram, bars, -kSyncShifts, 1),
                 "Best offset of each second of speech; above 0 the sound comes late.");
  const PlotFrame over_time{
      "sync offset over time", 0, last_time(report), -kSyncShifts, kSyncShifts, "s", "frames", 170};
  return html + figure(plot_lines(over_time, {{report.offset, "a"}}), "The same over time.");
}

std::string identity_plot(const EvaluationReport& report) {
  if (report.identity.value.size() < 2) return "";
  const PlotFrame frame{"identity over time", 0, last_time(report), 0, 1, "s", "cosine", 170};
  return figure(plot_lines(frame, {{report.identity, "a"}}),
                "Likeness of the face to the source: cosine of face embeddings.");
}

std::string worst_frames(const EvaluationReport& report) {
  if (report.worst.empty()) return "";
  std::string html = "<h2>Worst frames</h2>\n<div class=\"frames\">\n";
  for (const NotableFrame& frame : report.worst) {
    if (frame.video.empty()) continue;
    char at[80];
    std::snprintf(at, sizeof at, "%.3g at %.2f s", frame.value, frame.time_s);
    html +=
        "<figure><div class=\"pair\"><img alt=\"video\" src=\"" + data_uri_of(frame.video) + "\">";
    if (!frame.other.empty())
      html += "<img alt=\"real or source\" src=\"" + data_uri_of(frame.other) + "\">";
    html += "</div><figcaption>" + escape_markup(frame.measure) + " " + at +
            (frame.other.empty() ? "" : "; right: real or source") + "</figcaption></figure>\n";
  }
  return html + "</div>\n";
}

}  // namespace

std::string evaluation_html(const EvaluationReport& report) {
  const std::string name = std::filesystem::path(report.video.path).filename().string();
  std::string body = "<h1>" + escape_markup(name) + "</h1>\n" + facts_of("", report.video);
  if (report.reference) body += facts_of("real video: ", *report.reference);
  if (!report.source.empty() && (!report.reference || report.source != report.reference->path))
    body += "<p class=\"facts\">source: " + escape_markup(report.source) + "</p>\n";
  body += strip_of(report) + figures_of(report);
  const std::string plots = openness_plot(report) + sync_plots(report) + identity_plot(report);
  if (!plots.empty()) body += "<h2>Over time</h2>\n" + plots;
  body += worst_frames(report);
  char seconds[40];
  std::snprintf(seconds, sizeof seconds, "%.1f", report.wall_seconds);
  body += std::string("<footer>visema ") + kVersion + ", measured in " + seconds + " s.";
  for (const auto& [network, sum] : report.networks)
    body += " " + escape_markup(network) + " " + escape_markup(sum.substr(0, 12)) + ".";
  return html_page("visema eval: " + name, body + "</footer>\n");
}

}  // namespace visema
