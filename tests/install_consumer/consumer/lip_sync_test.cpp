// Tests of somebody else's that judge videos by the installed matchers.
#include <visema/core/error.h>
#include <visema/testing/lip_sync_matchers.h>

#include <filesystem>

namespace {

using ::testing::Not;
using namespace visema::testing;

visema::EvaluationReport report_of(double offset_frames, double margin, double open_percent) {
  visema::EvaluationReport report;
  report.source = "portrait.jpg";
  report.figures = {{"sync.offset_frames", offset_frames, {}, ""},
                    {"sync.margin", margin, {}, ""},
                    {"silence.open_percent", open_percent, {}, ""},
                    {"identity.mean", 0.9, {}, ""},
                    {"identity.worst", {}, {}, "no face was seen"}};
  return report;
}

TEST(Installed, MatchersJudgeReports) {
  EXPECT_THAT(report_of(1, 0.5, 0), IsInSync());
  EXPECT_THAT(report_of(2, 0.5, 0), Not(IsInSync()));
  EXPECT_THAT(report_of(0, 0.001, 0), Not(IsInSync()));
  EXPECT_THAT(report_of(0, 0.5, 1), RestsInSilence());
  EXPECT_THAT(report_of(0, 0.5, 30), Not(RestsInSilence()));
  EXPECT_THAT(report_of(0, 0.5, 0), Not(PreservesIdentityOf("portrait.jpg")));
}

TEST(Installed, IdentityIsThatOfTheNamedSource) {
  visema::EvaluationReport report = report_of(0, 0.5, 0);
  report.source.clear();
  report.figures.back() = {"identity.worst", 0.8, {}, ""};
  ::testing::StringMatchResultListener listener;
  EXPECT_FALSE(::testing::ExplainMatchResult(PreservesIdentityOf("a.jpg"), report, &listener));
  EXPECT_THAT(listener.str(), ::testing::HasSubstr("without a source"));
  report.source = "a.jpg";
  EXPECT_THAT(report, PreservesIdentityOf("a.jpg"));
  EXPECT_THAT(report, PreservesIdentityOf(std::filesystem::current_path() / "." / "a.jpg"));
  EXPECT_FALSE(::testing::ExplainMatchResult(PreservesIdentityOf("b.jpg"), report, &listener));
  EXPECT_THAT(listener.str(), ::testing::HasSubstr("against a.jpg, not b.jpg"));
}

TEST(Installed, AFailureTellsValueFromLimit) {
  ::testing::StringMatchResultListener listener;
  EXPECT_FALSE(::testing::ExplainMatchResult(IsInSync(), report_of(0, 0.07999999, 0), &listener));
  EXPECT_THAT(listener.str(), ::testing::HasSubstr("sync.margin is 0.07999999"));
}

TEST(Installed, AMissingVideoIsNamed) {
  try {
    EXPECT_THAT("missing video.mp4", IsInSync());
    FAIL();
  } catch (const visema::Error& error) {
    EXPECT_THAT(visema::describe(error), ::testing::HasSubstr("missing video.mp4"));
  }
}

}  // namespace
