#include "visema/evaluation/report_writers.h"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "svg_plot.h"

namespace visema {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kEvil = "a<b>&\"'\x01\xff ü.mp4";

EvaluationReport full_report() {
  EvaluationReport report;
  report.video = {kEvil, 512, 512, 25, 2, 50, 1};
  report.reference = report.video;
  report.source = "<portrait>.jpg";
  report.figures = {{"sync.offset_frames", 4, 0, ""},
                    {"sync.margin", std::nan(""), std::numeric_limits<double>::infinity(), ""},
                    {"silence.open_percent", std::nullopt, std::nullopt, "no <silence>"}};
  report.warnings = {"lengths & rates differ"};
  report.requirements = {{"sync.offset_frames < 2", "sync.offset_frames", 4, false, "4 is >= 2"},
                         {"sync.margin >= 0", "sync.margin", 1, true, "fine"}};
  report.openness = {{0, 0.04F, 0.08F}, {0.1F, std::nanf(""), 0.2F}};
  report.openness_real = {{0, 0.04F, 0.08F}, {0.1F, 0.1F, 0.1F}};
  report.loudness = {{0, 0.04F, 0.08F}, {0, 1, 0.5F}};
  report.offset = {{0, 1}, {4, 4}};
  report.identity = {{0}, {0.9F}};
  report.sync_distance.assign(31, 0.1);
  report.sync_distance_real.assign(31, std::nan(""));
  Image picture;
  picture.width = picture.height = 2;
  picture.rgb.assign(12, 200);
  report.worst = {{"lips.distance", 0.5, 0.2, picture, {}},
                  {"identity.worst", 0.7, 0.2, picture, picture}};
  report.networks = {{"sync", "00ff"}};
  return report;
}

/// Tags that are opened and not closed, or closed and not open; empty when all fit.
std::string unbalanced(const std::string& markup) {
  std::vector<std::string> open;
  static const std::vector<std::string> kVoid = {"meta", "br", "img", "link", "hr"};
  for (std::size_t at = markup.find('<'); at != std::string::npos; at = markup.find('<', at + 1)) {
    const std::size_t end = markup.find('>', at);
    if (end == std::string::npos) return "no end: " + markup.substr(at, 40);
    const std::string tag = markup.substr(at + 1, end - at - 1);
    const bool closes = tag.starts_with('/');
    const std::string name = tag.substr(closes, tag.find_first_of(" \n", 1) - closes);
    if (tag.starts_with('?') || tag.starts_with('!') || tag.ends_with('/')) continue;
    if (std::find(kVoid.begin(), kVoid.end(), name) != kVoid.end()) continue;
    if (!closes) {
      open.push_back(name);
      continue;
    }
    if (open.empty() || open.back() != name) return "closed: " + name;
    open.pop_back();
  }
  return open.empty() ? "" : "open: " + open.back();
}

std::string body_of(const std::string& html) {
  const std::size_t begin = html.find("<main");
  return html.substr(begin, html.find("</body>") - begin);
}

TEST(EvaluationJson, HasEveryFigureAndNullForWhatIsNoNumber) {
  const auto json = nlohmann::json::parse(evaluation_json(full_report()));
  EXPECT_EQ(json["schema"], kEvaluationSchema);
  EXPECT_EQ(json["figures"]["sync"]["offset_frames"]["value"], 4);
  EXPECT_EQ(json["figures"]["sync"]["offset_frames"]["real"], 0);
  EXPECT_TRUE(json["figures"]["sync"]["margin"]["value"].is_null());
  EXPECT_TRUE(json["figures"]["sync"]["margin"]["real"].is_null());
  EXPECT_EQ(json["figures"]["silence"]["open_percent"]["why"], "no <silence>");
  EXPECT_EQ(json["requirements"].size(), 2U);
  EXPECT_FALSE(json["requirements"][0]["holds"]);
  EXPECT_TRUE(json["curves"]["openness"]["value"][1].is_null());
  EXPECT_EQ(json["sync_distance_by_shift"]["video"].size(), 31U);
  EXPECT_FALSE(json.contains("error"));
  EXPECT_TRUE(nlohmann::json::parse(evaluation_json({}))["reference"].is_null());
}

TEST(EvaluationJson, TableHasMeansOverVideosThatHaveTheMeasure) {
  EvaluationReport one = full_report(), two = full_report(), bad;
  two.figures[0].value = 1;
  bad.error = "bad.mp4: no face";
  const EvaluationReport reports[] = {one, two, bad};
  const auto json = nlohmann::json::parse(evaluation_table_json(reports));
  EXPECT_EQ(json["videos"].size(), 3U);
  EXPECT_EQ(json["videos"][2]["error"], "bad.mp4: no face");
  EXPECT_EQ(json["mean"]["sync.offset_frames"], 2.5);
  EXPECT_EQ(json["median"]["sync.offset_frames"], 2.5);
  EXPECT_EQ(json["real_mean"]["sync.offset_frames"], 0);
  EXPECT_FALSE(json["mean"].contains("sync.margin"));
  EXPECT_TRUE(nlohmann::json::parse(evaluation_table_json({}))["videos"].empty());
}

TEST(EvaluationJson, TableNamesTheNetworksAlthoughTheFirstVideoFailed) {
  EvaluationReport bad;
  bad.error = "bad.mp4: no face";
  const EvaluationReport reports[] = {bad, full_report()};
  const auto json = nlohmann::json::parse(evaluation_table_json(reports));
  EXPECT_EQ(json["networks"], nlohmann::json({{"sync", "00ff"}}));
}

TEST(EvaluationHtml, IsWholeAndTakesNothingFromOutside) {
  for (const auto& html : {evaluation_html(full_report()), evaluation_html({})}) {
    EXPECT_EQ(unbalanced(body_of(html)), "");
    EXPECT_THAT(html, Not(HasSubstr("<script")));
    EXPECT_THAT(html, Not(HasSubstr("src=\"http")));
    EXPECT_THAT(html, Not(HasSubstr("href=\"http")));
    EXPECT_THAT(html, Not(HasSubstr("nan")));
  }
  const std::string html = evaluation_html(full_report());
  EXPECT_THAT(html, HasSubstr("a&lt;b&gt;&amp;&quot;"));
  EXPECT_THAT(html, Not(HasSubstr("a<b>")));
  EXPECT_THAT(html, Not(HasSubstr("<silence>")));
  EXPECT_THAT(html, HasSubstr("data:image/png;base64,"));
}

TEST(EvaluationHtml, TableMarksTheWorstAndNamesWhatFailed) {
  EvaluationReport one = full_report(), two = full_report(), bad;
  two.figures[0].value = 0;
  bad.error = "<bad>.mp4: no face";
  const EvaluationReport reports[] = {one, two, bad};
  const std::string html = evaluation_table_html(reports);
  EXPECT_EQ(unbalanced(body_of(html)), "");
  EXPECT_THAT(html, HasSubstr("worst\">4"));
  EXPECT_THAT(html, HasSubstr("&lt;bad&gt;.mp4: no face"));
  const EvaluationReport equal[] = {one, one};
  EXPECT_THAT(evaluation_table_html(equal), Not(HasSubstr("worst\">4")));
  EXPECT_EQ(unbalanced(body_of(evaluation_table_html({}))), "");
}

TEST(EvaluationJunit, CountsFailuresAndErrors) {
  EvaluationReport plain, bad;
  plain.video.path = "plain.mp4";
  bad.video.path = "bad.mp4";
  bad.error = "bad.mp4: no <face>";
  const EvaluationReport reports[] = {full_report(), plain, bad};
  const std::string xml = evaluation_junit(reports);
  EXPECT_EQ(unbalanced(xml), "");
  EXPECT_THAT(xml, HasSubstr("tests=\"4\" failures=\"1\" errors=\"1\""));
  EXPECT_THAT(xml, HasSubstr("<failure message=\"4 is &gt;= 2\"/>"));
  EXPECT_THAT(xml, HasSubstr("<error message=\"bad.mp4: no &lt;face&gt;\"/>"));
  EXPECT_THAT(xml, Not(HasSubstr("\x01")));
  EXPECT_THAT(xml, Not(HasSubstr("\xff")));
}

TEST(EvaluationText, LeavesOutWhatLacksAnInput) {
  EvaluationReport report = full_report();
  report.figures.push_back({"picture.psnr_db", std::nullopt, std::nullopt, "needs --reference"});
  const std::string text = evaluation_text(report);
  EXPECT_THAT(text, HasSubstr("sync.offset_frames                      4          0"));
  EXPECT_THAT(text, HasSubstr("(no <silence>)"));
  EXPECT_THAT(text, Not(HasSubstr("psnr")));
  EXPECT_THAT(text, HasSubstr("FAILS: 4 is >= 2"));
  const EvaluationReport reports[] = {report, report};
  EXPECT_THAT(evaluation_table_text(reports), HasSubstr("4.00       4.00       0.00       2"));
}

TEST(SvgPlot, TakesGapsSinglePointsAndConstants) {
  const PlotFrame frame{"plot", 0, 1, 0, 1, "s", "x", 100};
  const Curve gap = {{0, 0.2F, 0.4F, 0.6F}, {0, std::nanf(""), 1, 1}};
  const Curve point = {{0.5F}, {0.5F}};
  for (const Curve& curve : {gap, point, Curve()}) {
    const std::string svg = plot_lines(frame, {{curve, "a"}}, curve, {0.5});
    EXPECT_EQ(unbalanced(svg), "");
    EXPECT_THAT(svg, Not(HasSubstr("nan")));
  }
  EXPECT_EQ(unbalanced(plot_bars(frame, {0, 0.5, 1}, -1, 0)), "");
  EXPECT_EQ(unbalanced(plot_bars(frame, {}, 0, 1)), "");
}

TEST(SvgPlot, ThinningKeepsExtremes) {
  Curve curve;
  for (int i = 0; i < 10000; ++i) {
    curve.time_s.push_back(static_cast<float>(i));
    curve.value.push_back(i == 5003 ? 9 : (i == 7001 ? -9 : 0));
  }
  const Curve thin = thinned(curve, 400);
  EXPECT_LE(thin.value.size(), 400U);
  EXPECT_EQ(*std::max_element(thin.value.begin(), thin.value.end()), 9);
  EXPECT_EQ(*std::min_element(thin.value.begin(), thin.value.end()), -9);
}

}  // namespace
}  // namespace visema
