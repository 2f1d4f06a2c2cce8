#include "visema/core/config_file.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "visema/core/error.h"

namespace visema {
namespace {

std::string text_of(const ConfigFile& file, std::string_view key) {
  const auto* entry = file.find(key);
  return entry ? entry->text : "(absent)";
}

std::string refusal(std::string_view text) {
  try {
    ConfigFile::parse(text, "visema.toml");
    return "(accepted)";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kUsage);
    return error.what();
  }
}

TEST(ConfigFile, SectionsAreKnownEvenWhenEmpty) {
  const auto file = ConfigFile::parse("a = 1\n[x.y]\n\n[z]\nb = 2\n", "f.toml");
  ASSERT_EQ(file.sections().size(), 2U);
  EXPECT_EQ(file.sections()[0].name, "x.y");
  EXPECT_EQ(file.where(file.sections()[0]), "f.toml, line 2");
  EXPECT_EQ(file.sections()[1].name, "z");
}

TEST(ConfigFile, ReadsSectionsValuesAndComments) {
  const auto file = ConfigFile::parse(
      "\xEF\xBB\xBF# all of it\r\n"
      "seed=7\r\n"
      "\r\n"
      "[render]   # how\n"
      "  crf = 20# fine\n"
      "\tfps\t=\t30000/1001\n"
      "out = \"a # \\\"b\\\" \\\\ \\t \xC3\xA4.mp4\"\n"
      "face.index = -1\n"
      "[speech.silence]\n"
      "close = true",
      "visema.toml");
  EXPECT_EQ(file.entries().size(), 6U);
  EXPECT_EQ(text_of(file, "seed"), "7");
  EXPECT_EQ(text_of(file, "render.crf"), "20");
  EXPECT_EQ(text_of(file, "render.fps"), "30000/1001");
  EXPECT_EQ(text_of(file, "render.out"), "a # \"b\" \\ \t \xC3\xA4.mp4");
  EXPECT_EQ(text_of(file, "render.face.index"), "-1");
  EXPECT_EQ(text_of(file, "speech.silence.close"), "true");
  EXPECT_EQ(file.where(*file.find("render.crf")), "visema.toml, line 5");
  EXPECT_EQ(file.find("crf"), nullptr);
  EXPECT_TRUE(ConfigFile::parse("", "").entries().empty());
}

TEST(ConfigFile, RefusalsNameTheLine) {
  EXPECT_EQ(refusal("\na = 1\na = 2"), "a: already set in line 2 (visema.toml, line 3)");
  EXPECT_EQ(refusal("[s]\na = 1\n[s]\na = 2"), "s.a: already set in line 2 (visema.toml, line 4)");
  EXPECT_EQ(refusal("crf 20"), "'=' expected after crf (visema.toml, line 1)");
  EXPECT_EQ(
      refusal("crf = "),
      "crf: a value expected: a number, true, false, a word or \"text\" (visema.toml, line 1)");
  EXPECT_EQ(refusal("a = 1 2"), "unexpected \"2\" (visema.toml, line 1)");
  EXPECT_EQ(refusal("a = \"x"), "a: '\"' expected at the end of the text (visema.toml, line 1)");
  EXPECT_EQ(refusal("a = \"\\q\""),
            "a: escape \\q: must be one of \\\" \\\\ \\n \\r \\t (visema.toml, line 1)");
  EXPECT_EQ(refusal("a = \"\x01\""), "a: control character in a text (visema.toml, line 1)");
  EXPECT_EQ(refusal("[a\nb = 1"), "']' expected after the name of a section (visema.toml, line 1)");
  for (const auto* text : {"= 1", "[]", "[a..b]", "a. = 1", ".a = 1", "\xFF = 1", "[a] b = 1",
                           "a = \"\\", "a = [1, 2]"})
    EXPECT_NE(refusal(text), "(accepted)") << text;
  EXPECT_NE(refusal(std::string(2 << 20, '#')), "(accepted)");
}

TEST(ConfigFile, QuotedValuesComeBack) {
  for (const std::string value :
       {"", "25", "30000/1001", "a b", "\"\\\n\r\t#", "\xC3\xA4", "C:\\x"}) {
    const auto file = ConfigFile::parse("v = " + quote_config_value(value), "");
    EXPECT_EQ(text_of(file, "v"), value);
  }
}

TEST(ConfigFile, AnyBytesAreReadOrRefused) {
  constexpr std::string_view kBytes = "ab.=[]\"\\#\n\r\t 19\x01\xFF";
  std::mt19937 random(1);
  for (int round = 0; round < 20000; ++round) {
    std::string text;
    for (auto size = random() % 30; size > 0; --size) text += kBytes[random() % kBytes.size()];
    refusal(text);
  }
}

}  // namespace
}  // namespace visema
