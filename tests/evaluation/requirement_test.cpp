#include "visema/evaluation/requirement.h"

#include <gmock/gmock.h>

#include "visema/core/error.h"

namespace visema {
namespace {

using ::testing::HasSubstr;

EvaluationReport report_with(const char* name, std::optional<double> value) {
  EvaluationReport report;
  report.figures = {{name, value, std::nullopt, value ? "" : "no silence in the sound"}};
  return report;
}

bool holds(const char* expression, double value) {
  const RequirementRule rule = parse_requirement(expression);
  return check(rule, report_with("sync.offset_frames", value)).holds;
}

struct Case {
  const char* expression;
  double value;
  bool holds;
};
class RequirementTest : public ::testing::TestWithParam<Case> {};
INSTANTIATE_TEST_SUITE_P(
    Rules, RequirementTest,
    ::testing::Values(
        Case{"sync.offset_frames in -1..1", 1, true}, Case{"sync.offset_frames in -1..1", -1, true},
        Case{"sync.offset_frames in -1..1", 1.01, false},
        Case{"  sync.offset_frames   in  0.5 .. 2.5 ", 2.5, true},
        Case{"sync.offset_frames<2", 2, false}, Case{"sync.offset_frames <= 2", 2, true},
        Case{"sync.offset_frames > -2", -2, false}, Case{"sync.offset_frames >= -2", -2, true},
        Case{"sync.offset_frames == 3", 3, true}, Case{"sync.offset_frames == 3", 2, false},
        Case{"sync.offset_frames != 3", 3, false},
        Case{"sync.offset_frames <= 1e-3", 0.001, true}));

TEST_P(RequirementTest, HoldsWhereItShould) {
  EXPECT_EQ(holds(GetParam().expression, GetParam().value), GetParam().holds);
}

TEST(RequirementTest, AFailureNamesFigureAndLimit) {
  const auto result =
      check(parse_requirement("sync.offset_frames in -1..1"), report_with("sync.offset_frames", 4));
  EXPECT_FALSE(result.holds);
  EXPECT_EQ(result.message, "sync.offset_frames is 4, must be in -1..1");
}

TEST(RequirementTest, AMessageHasAsManyDigitsAsItNeeds) {
  const auto message = [](const char* expression, double value) {
    return check(parse_requirement(expression), report_with("sync.margin", value)).message;
  };
  EXPECT_EQ(message("sync.margin >= 0.08", 0.07999999),
            "sync.margin is 0.07999999, must be >= 0.08");
  EXPECT_EQ(message("sync.margin < 0.08", 0.07999999),
            "sync.margin is 0.07999999, as it must be: < 0.08");
  EXPECT_EQ(message("sync.margin in 0..0.12345678", 0.1234568),
            "sync.margin is 0.123457, must be in 0..0.12345678");
  EXPECT_EQ(message("sync.margin == 1", 1 + 1e-15),
            "sync.margin is 1.000000000000001, must be == 1");
  EXPECT_EQ(message("sync.margin >= 0.08", 1.0 / 3),
            "sync.margin is 0.333333, as it must be: >= 0.08");
}

TEST(RequirementTest, WhatCouldNotBeMeasuredDoesNotHold) {
  const auto rule = parse_requirement("silence.open_percent != 3");
  const auto missing = check(rule, report_with("silence.open_percent", std::nullopt));
  EXPECT_FALSE(missing.holds);
  EXPECT_THAT(missing.message, HasSubstr("no silence in the sound"));
  EXPECT_FALSE(check(rule, EvaluationReport()).holds);
}

class BadRequirementTest : public ::testing::TestWithParam<std::pair<const char*, const char*>> {};
INSTANTIATE_TEST_SUITE_P(
    Rules, BadRequirementTest,
    ::testing::Values(std::pair("", "MEASURE OPERATOR NUMBER"),
                      std::pair("sync.offset_frames", "MEASURE OPERATOR NUMBER"),
                      std::pair("<= 2", "a measure must come first"),
                      std::pair("sync.ofset_frames <= 2", "sync.offset_frames"),
                      std::pair("sync.offset_frames <= two", "\"two\" must be a number"),
                      std::pair("sync.offset_frames <= nan", "must be a number"),
                      std::pair("sync.offset_frames <= 2 3", "must be a number"),
                      std::pair("sync.offset_frames = 2", "must be one of < <="),
                      std::pair("sync.offset_frames in 1", "must be a range"),
                      std::pair("sync.offset_frames in 0...5", "\"0...5\" must be a range"),
                      std::pair("sync.offset_frames in 2..1", "must not end before it begins"),
                      std::pair("sync.offset_frames in 1..", "must be a number")));

TEST_P(BadRequirementTest, SaysWhatIsWrong) {
  try {
    parse_requirement(GetParam().first);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kUsage);
    EXPECT_THAT(error.what(), HasSubstr(GetParam().second));
  }
}

}  // namespace
}  // namespace visema
