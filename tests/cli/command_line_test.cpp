#include <gmock/gmock.h>

#include "program.h"
#include "visema/core/version.h"

namespace visema::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr int kUsage = 2;

class CommandLineTest : public ProgramTest {};

TEST_F(CommandLineTest, PrintsItsVersion) {
  const Finished finished = run({"--version"});
  EXPECT_EQ(finished.code, 0);
  EXPECT_EQ(finished.out, std::string("visema ") + kVersion + "\n");
}

TEST_F(CommandLineTest, ListsTheCommands) {
  const Finished finished = run({"--help"});
  EXPECT_EQ(finished.code, 0);
  for (const char* command : {"render", "enroll", "landmarks", "prepare", "pack", "doctor"})
    EXPECT_THAT(finished.out, HasSubstr(command));
}

TEST_F(CommandLineTest, HelpOfEachCommandHasExamples) {
  for (const std::string command : {"render", "enroll", "landmarks", "prepare", "pack", "doctor"}) {
    const Finished finished = run({command, "--help"});
    EXPECT_EQ(finished.code, 0) << command;
    EXPECT_THAT(finished.out, HasSubstr("Examples:\n  visema " + command));
    EXPECT_THAT(finished.out, HasSubstr("--quiet"));
    EXPECT_EQ(run({"help", command}).out, finished.out);
  }
}

TEST_F(CommandLineTest, WithoutCommandShowsTheUsage) {
  const Finished finished = run({});
  EXPECT_EQ(finished.code, kUsage);
  EXPECT_THAT(finished.err, HasSubstr("usage:"));
}

TEST_F(CommandLineTest, SuggestsTheNearestCommand) {
  const Finished finished = run({"rendr"});
  EXPECT_EQ(finished.code, kUsage);
  EXPECT_THAT(finished.err,
              HasSubstr("visema: error: rendr: no such command; did you mean render?"));
}

TEST_F(CommandLineTest, SuggestsTheNearestOption) {
  const Finished finished = run({"render", "--adio", "speech.wav"});
  EXPECT_EQ(finished.code, kUsage);
  EXPECT_THAT(finished.err, HasSubstr("--adio: no such option; did you mean --audio?"));
  EXPECT_THAT(finished.err, Not(HasSubstr("speech.wav")));
}

TEST_F(CommandLineTest, TellsAllWrongValuesAtOnce) {
  const Finished finished = run({"render", "--crf", "99", "--fps", "999", "--expression-strength",
                                 "nan", "--articulation", "3", "--bitrate", "12q", "--threads",
                                 "-1", "--face", "anna", "--blink", "perhaps"});
  EXPECT_EQ(finished.code, kUsage);
  for (const char* option :
       {"render.crf = 99: must be auto or in 0..63 (--crf)", "render.fps = 999",
        "render.expression-strength = nan", "render.articulation = 3", "render.bitrate = 12q",
        "render.threads = -1", "render.face = anna", "render.blink = perhaps"})
    EXPECT_THAT(finished.err, HasSubstr(option));
}

TEST_F(CommandLineTest, TellsWhatIsMissingOrDoesNotGoTogether) {
  Finished finished = run({"render"});
  EXPECT_EQ(finished.code, kUsage);
  for (const char* option :
       {"--source or --avatar is needed", "--audio is needed", "--out is needed"})
    EXPECT_THAT(finished.err, HasSubstr(option));

  finished = run({"render", "--source", "a.jpg", "--avatar", "b.avatar", "--audio", "c.wav",
                  "--out", "d.avi", "--crf", "20", "--bitrate", "2M"});
  EXPECT_EQ(finished.code, kUsage);
  EXPECT_THAT(finished.err, HasSubstr("--source and --avatar exclude each other"));
  EXPECT_THAT(finished.err, HasSubstr("--crf and --bitrate exclude each other"));
  EXPECT_THAT(finished.err, HasSubstr("d.avi: extension \".avi\": must be one of .mp4"));
  EXPECT_EQ(run({"enroll", "--source", "x.jpg"}).code, kUsage);
  EXPECT_EQ(run({"landmarks", "--out", "x.jsonl"}).code, kUsage);
  EXPECT_EQ(run({"prepare"}).code, kUsage);
  finished = run({"pack", "--in", "p", "--out", "p"});
  EXPECT_EQ(finished.code, kUsage);
  EXPECT_THAT(finished.err, HasSubstr("--in and --out must be two folders"));
}

TEST_F(CommandLineTest, TellsWhatHasNoMeaningWithOrWithoutAnIplapModel) {
  const std::vector<std::string> start = {"render", "--source", "a.jpg", "--audio",
                                          "b.wav",  "--out",    "c.mp4"};
  auto arguments = start;
  arguments.insert(arguments.end(), {"--references", "3", "--crop-margin", "5"});
  Finished finished = run(arguments);
  EXPECT_EQ(finished.code, kUsage);
  EXPECT_THAT(finished.err, HasSubstr("--references is for IP-LAP"));
  EXPECT_THAT(finished.err, HasSubstr("--crop-margin is for IP-LAP"));

  arguments = start;
  arguments.insert(arguments.end(), {"--model", "m", "--weights", "w", "--head-motion", "natural",
                                     "--blink", "on", "--expression", "happy", "--seed", "2"});
  finished = run(arguments);
  EXPECT_EQ(finished.code, kUsage);
  for (const char* text : {"--weights and --model exclude each other", "--head-motion natural",
                           "--blink on", "--expression", "--seed"})
    EXPECT_THAT(finished.err, HasSubstr(text));

  arguments = start;
  arguments.insert(arguments.end(), {"--model", "m", "--references", "26"});
  EXPECT_THAT(run(arguments).err, HasSubstr("render.references = 26: must be in 1..25"));
}

TEST_F(CommandLineTest, QualityDependsOnTheContainer) {
  const std::vector<std::string> start = {"render", "--source", "a", "--audio", "b", "--crf", "60"};
  auto arguments = start;
  arguments.insert(arguments.end(), {"--out", "c.mp4"});
  EXPECT_THAT(run(arguments).err, HasSubstr("render.crf = 60: must be in 0..51 for .mp4"));
  arguments.back() = "c.webm";
  EXPECT_THAT(run(arguments).err, HasSubstr("a: cannot be read"));
}

TEST_F(CommandLineTest, DecimalsOfNtscAreItsExactRate) {
  EXPECT_THAT(run({"render", "--print-config", "--fps", "29.97"}).out,
              HasSubstr("fps = 30000/1001"));
  EXPECT_THAT(run({"live", "--print-config", "--fps", "23.976"}).out,
              HasSubstr("fps = 24000/1001"));
  EXPECT_THAT(run({"render", "--print-config", "--fps", "12.5"}).out, HasSubstr("fps = 12.5"));
}

TEST_F(CommandLineTest, TellsAnOverwrittenInputOnce) {
  const std::string talk = write("talk.mp4", "x").string();
  const Finished finished = run({"render", "--source", talk, "--audio", talk, "--out", talk});
  EXPECT_EQ(finished.err, "visema: error: " + talk + ": the output would overwrite an input\n");
}

TEST_F(CommandLineTest, RefusesToOverwriteItsInput) {
  write("talk.mp4", "x");
  const Finished finished = run(
      {"render", "--source", "./talk.mp4", "--audio", "speech.wav", "--out", folder_ / "talk.mp4"});
  EXPECT_EQ(finished.code, kUsage);
  EXPECT_THAT(finished.err, HasSubstr("the output would overwrite an input"));
  EXPECT_EQ(read_text(folder_ / "talk.mp4"), "x");
}

TEST_F(CommandLineTest, RefusesArgumentsThatBelongNowhere) {
  const Finished finished = run({"render", "talk.mp4"});
  EXPECT_EQ(finished.code, kUsage);
  EXPECT_THAT(finished.err, HasSubstr("talk.mp4: belongs to no option"));
}

TEST_F(CommandLineTest, AnOptionWithoutItsValueIsAUsageError) {
  EXPECT_EQ(run({"render", "--out"}).code, kUsage);
}

TEST_F(CommandLineTest, PrintsAConfigurationThatReadsBack) {
  const Finished printed = run({"render",
                                "--out",
                                "a \"b\" \xC3\xBC.mp4",
                                "--fps",
                                "30000/1001",
                                "--face",
                                "2",
                                "--bitrate",
                                "2M",
                                "--blink",
                                "off",
                                "--head-motion",
                                "none",
                                "--seed",
                                "7",
                                "--quiet",
                                "--expression",
                                "happy",
                                "--expression-strength",
                                "0.5",
                                "--articulation",
                                "0.8",
                                "--print-config"});
  ASSERT_EQ(printed.code, 0) << printed.err;
  EXPECT_THAT(printed.out, HasSubstr("bitrate = 2000000\n"));
  EXPECT_THAT(printed.out, HasSubstr("quiet = true\n"));
  write("talk.conf", printed.out);
  EXPECT_EQ(run({"render", "--config", "talk.conf", "--print-config"}).out, printed.out);
}

TEST_F(CommandLineTest, ArgumentsWinOverTheConfiguration) {
  write("talk.conf", "[render]\ncrf = 20\nseed = 3\n[enroll]\nface = left\n");
  const Finished finished =
      run({"render", "--seed", "4", "--config", "talk.conf", "--print-config"});
  ASSERT_EQ(finished.code, 0) << finished.err;
  EXPECT_THAT(finished.out, HasSubstr("crf = 20\n"));
  EXPECT_THAT(finished.out, HasSubstr("seed = 4\n"));
  EXPECT_THAT(finished.out, HasSubstr("face = largest\n"));
}

TEST_F(CommandLineTest, TellsAllThatIsWrongInAConfiguration) {
  write("talk.conf", "[render]\ncrf = 99\n\nsed = 4\n");
  const Finished finished = run({"render", "--config", "talk.conf", "--fps", "0"});
  EXPECT_EQ(finished.code, kUsage);
  EXPECT_THAT(finished.err, HasSubstr("render.crf = 99"));
  EXPECT_THAT(finished.err, HasSubstr("talk.conf, line 2"));
  EXPECT_THAT(finished.err, HasSubstr("render.sed: no such option (talk.conf, line 4)"));
  EXPECT_THAT(finished.err, HasSubstr("render.fps = 0"));
}

TEST_F(CommandLineTest, AMissingConfigurationIsAUsageError) {
  EXPECT_EQ(run({"render", "--config", "missing.conf"}).code, kUsage);
}

}  // namespace
}  // namespace visema::cli
