// Tests of somebody else's that judge videos by the installed matchers.
#include <visema/core/error.h>
#include <visema/testing/lip_sync_matchers.h>

namespace {

using ::testing::Not;
using namespace visema::testing;

visema::EvaluationReport report_of(double offset_frames, double margin, double open_percent) {
  visema::EvaluationReport report;
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

TEST(Installed, AMissingVideoIsNamed) {
  try {
    EXPECT_THAT("missing video.mp4", IsInSync());
    FAIL();
  } catch (const visema::Error& error) {
    EXPECT_THAT(visema::describe(error), ::testing::HasSubstr("missing video.mp4"));
  }
}

}  // namespace
