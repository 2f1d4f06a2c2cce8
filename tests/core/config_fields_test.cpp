#include "visema/core/config_fields.h"

#include <gtest/gtest.h>

#include <string>

#include "visema/core/error.h"

namespace visema {
namespace {

enum class Loop { kCut, kHold };

struct Settings {
  int crf = 23;
  std::int64_t bitrate = 0;
  double strength = 0.5;
  bool blink = true;
  std::string preset = "fast";
  std::filesystem::path out = "my talk.mp4";
  Loop loop = Loop::kCut;
  std::optional<Loop> motion;
  int threads = 0;
  std::vector<std::string> require;
};

ConfigFields fields_of(Settings& settings) {
  ConfigFields fields;
  fields.add("render.crf", settings.crf, 0, 51, "quality, smaller is better");
  fields.add("render.bitrate", settings.bitrate, std::int64_t{0}, std::int64_t{1} << 40, "bits");
  fields.add("render.strength", settings.strength, 0.0, 1.0, "of the expression");
  fields.add("render.blink", settings.blink, "blink now and then");
  fields.add("render.preset", settings.preset, "of the encoder");
  fields.add("render.out", settings.out, "the result");
  const std::vector<std::pair<std::string, Loop>> loops{{"cut", Loop::kCut}, {"hold", Loop::kHold}};
  fields.add("render.loop", settings.loop, loops, "at the end of the template");
  fields.add("render.motion", settings.motion, loops, "auto", "of the head");
  fields.add("render.require", settings.require, "what must hold");
  fields.add("threads", settings.threads, 0, 1024, "0: all cores");
  return fields;
}

std::string refusal(ConfigFields& fields, const std::string& text) {
  try {
    fields.apply(ConfigFile::parse(text, "visema.toml"));
    return "(accepted)";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kUsage);
    return error.what();
  }
}

TEST(ConfigFields, SetsEveryKind) {
  Settings settings;
  auto fields = fields_of(settings);
  fields.apply(
      ConfigFile::parse("threads = 2\n[render]\ncrf = 0\nbitrate = 3000000000\n"
                        "strength = 1e-1\nblink = off\npreset = \"very slow\"\n"
                        "out = a.webm\nloop = hold\nmotion = cut\n",
                        "visema.toml"));
  EXPECT_EQ(settings.threads, 2);
  EXPECT_EQ(settings.crf, 0);
  EXPECT_EQ(settings.bitrate, 3000000000);
  EXPECT_EQ(settings.strength, 0.1);
  EXPECT_FALSE(settings.blink);
  EXPECT_EQ(settings.preset, "very slow");
  EXPECT_EQ(settings.out, "a.webm");
  EXPECT_EQ(settings.loop, Loop::kHold);
  EXPECT_EQ(settings.motion, Loop::kCut);
  fields.set("render.motion", "auto", "--motion");
  EXPECT_EQ(settings.motion, std::nullopt);
}

TEST(ConfigFields, AListIsSetAsAWhole) {
  Settings settings;
  auto fields = fields_of(settings);
  fields.set("render.require", "a <= 1 ;; b in 1..2;", "--require");
  EXPECT_EQ(settings.require, (std::vector<std::string>{"a <= 1", "b in 1..2"}));
  fields.set("render.require", "c", "--require");
  EXPECT_EQ(settings.require, std::vector<std::string>{"c"});
  fields.set("render.require", "", "--require");
  EXPECT_TRUE(settings.require.empty());
}

TEST(ConfigFields, RefusesWithValueRangeAndPlace) {
  Settings settings;
  auto fields = fields_of(settings);
  EXPECT_EQ(refusal(fields, "\n[render]\ncrf = 99"),
            "render.crf = 99: must be in 0..51 (visema.toml, line 3)");
  EXPECT_EQ(refusal(fields, "render.loop = \"a b\""),
            "render.loop = \"a b\": must be one of cut, hold (visema.toml, line 1)");
  EXPECT_EQ(refusal(fields, "speed = 1"), "speed: no such option (visema.toml, line 1)");
  for (const auto* text :
       {"crf = 1.5", "crf = x", "crf = 99999999999", "strength = nan", "strength = 1.01",
        "strength = inf", "blink = 1", "crf = \"\"", "crf = \" 1\""})
    EXPECT_NE(refusal(fields, "[render]\n" + std::string(text)), "(accepted)") << text;
  EXPECT_EQ(settings.crf, 23);
  try {
    fields.set("render.crf", "-1", "--crf");
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "render.crf = -1: must be in 0..51 (--crf)");
  }
}

TEST(ConfigFields, ReportsAllProblemsAtOnce) {
  Settings settings;
  auto fields = fields_of(settings);
  EXPECT_EQ(refusal(fields, "threads = -1\nx = 1"),
            "threads = -1: must be in 0..1024 (visema.toml, line 1)\n"
            "x: no such option (visema.toml, line 2)");
}

TEST(ConfigFields, WhatIsPrintedCanBeRead) {
  Settings settings;
  settings.crf = 17;
  settings.strength = 1.0 / 3;
  settings.motion = Loop::kHold;
  settings.preset = "";
  settings.require = {"a <= 1", "b in 1..2"};
  const auto text = fields_of(settings).print();
  EXPECT_TRUE(text.starts_with("# 0: all cores; in 0..1024\nthreads = 0\n\n[render]\n")) << text;
  Settings copy;
  auto fields = fields_of(copy);
  fields.apply(ConfigFile::parse(text, "printed"));
  EXPECT_EQ(fields.print(), text);
  EXPECT_EQ(copy.strength, settings.strength);
  EXPECT_EQ(copy.require, settings.require);
}

}  // namespace
}  // namespace visema
