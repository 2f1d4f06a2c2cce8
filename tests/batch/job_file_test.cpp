#include "visema/batch/job_file.h"

#include <gmock/gmock.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "batch_format.h"
#include "program.h"
#include "visema/core/error.h"

namespace visema::batch {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class JobFileTest : public cli::ProgramTest {
 protected:
  void SetUp() override {
    ProgramTest::SetUp();
    for (const char* name : {"a.png", "b c.png", "s.wav"}) write(name, "x");
  }

  std::vector<Job> read(const std::string& name, const std::string& text) {
    write(name, text);
    session::RenderOptions defaults, scratch;
    defaults.crf = 30;
    return read_job_file(folder_ / name, folder_ / "out", cli::job_format(defaults, scratch));
  }

  std::string problems_of(const std::string& name, const std::string& text) {
    try {
      read(name, text);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kUsage);
      return error.what();
    }
    return "accepted";
  }
};

TEST_F(JobFileTest, JsonLinesWithDefaultsAndRelativePaths) {
  const auto jobs = read("jobs.jsonl",
                         "{\"id\":\"one\",\"source\":\"a.png\",\"audio\":\"s.wav\",\"crf\":20,"
                         "\"blink\":false,\"preset\":null}\r\n"
                         "\n"
                         "{\"id\":\"two\",\"source\":\"./b c.png\",\"audio\":\"s.wav\","
                         "\"out\":\"sub/t.webm\",\"expression-strength\":0.5}");
  ASSERT_EQ(jobs.size(), 2U);
  EXPECT_EQ(jobs[0].id, "one");
  EXPECT_EQ(jobs[0].line, 1);
  EXPECT_EQ(jobs[0].out, "one.mp4");
  EXPECT_EQ(jobs[0].options.at("crf"), "20");
  EXPECT_EQ(jobs[0].options.at("blink"), "off");
  EXPECT_EQ(jobs[0].options.at("preset"), "veryfast");
  EXPECT_EQ(jobs[1].line, 3);
  EXPECT_EQ(jobs[1].out, "sub/t.webm");
  EXPECT_EQ(jobs[1].options.at("crf"), "30");
  EXPECT_EQ(jobs[1].options.at("expression-strength"), "0.5");
  EXPECT_EQ(jobs[1].face(), (folder_ / "b c.png").string());
  EXPECT_EQ(jobs[1].sound(), (folder_ / "s.wav").string());
}

TEST_F(JobFileTest, ABackgroundMayBeAPicture) {
  const std::string line = R"({"id":"1","source":"a.png","audio":"s.wav","background":)";
  EXPECT_EQ(read("jobs.jsonl", line + R"("b c.png"})").at(0).background(),
            (folder_ / "b c.png").string());
  for (const char* word : {R"("keep"})", R"("blur"})", R"("#102030"})"})
    EXPECT_EQ(read("jobs.jsonl", line + word).at(0).background(), "") << word;
  EXPECT_THAT(problems_of("jobs.jsonl", line + R"("gone.png"})"), HasSubstr("(background)"));
  EXPECT_THAT(problems_of("jobs.jsonl", line + R"("#10203g"})"), HasSubstr("#RRGGBB"));
  EXPECT_THAT(problems_of("jobs.jsonl", line + R"("none"})"),
              HasSubstr(".mp4 carries no transparency; must be .webm"));
}

TEST_F(JobFileTest, CsvAsRfc4180) {
  const auto jobs = read("jobs.csv",
                         "\xEF\xBB\xBFid,source,audio,seed\r\n"
                         "\"a, \"\"b\"\"\",b c.png,s.wav,7\r\n"
                         "\r\n"
                         "c,a.png,s.wav,");
  ASSERT_EQ(jobs.size(), 2U);
  EXPECT_EQ(jobs[0].id, "a, \"b\"");
  EXPECT_EQ(jobs[0].options.at("seed"), "7");
  EXPECT_EQ(jobs[1].line, 4);
  EXPECT_EQ(jobs[1].options.at("seed"), "1");
}

TEST_F(JobFileTest, LinesAreCountedThroughQuotedLineBreaks) {
  EXPECT_THAT(problems_of("jobs.csv",
                          "id,source,audio,seed\n\"two\nlines\",a.png,s.wav,1\n"
                          "c,a.png,s.wav,-1\n"),
              AllOf(HasSubstr("line 2: id holds a control character"),
                    HasSubstr("line 4: seed = -1: must be in 0..")));
}

TEST_F(JobFileTest, AllProblemsAtOnceWithTheirLines) {
  const std::string text = problems_of(
      "jobs.jsonl",
      "{\"id\":\"a\",\"source\":\"a.png\",\"audio\":\"s.wav\",\"crf\":99}\n"
      "{\"id\":\"b\",\"source\":\"nobody.png\",\"audio\":\"s.wav\",\"colour\":\"red\"}\n"
      "not json\n"
      "[1]\n"
      "{\"id\":\"a\",\"source\":\"a.png\",\"audio\":\"s.wav\",\"out\":\"other.mp4\"}\n"
      "{\"id\":\"c\",\"source\":\"a.png\",\"audio\":\"s.wav\",\"out\":\"./a.mp4\"}\n"
      "{\"source\":\"a.png\",\"avatar\":\"s.wav\",\"out\":\"d.avi\",\"seed\":{}}\n"
      "{\"id\":\"e\",\"id\":\"f\",\"source\":\"a.png\",\"audio\":\".\"}\n");
  for (const char* problem :
       {"line 1: crf = 99: must be auto or in 0..63", "line 2: colour: no such field",
        "nobody.png: cannot be read: No such file or directory (source)", "line 3: is no JSON",
        "line 4: must be a JSON object", "line 5: id \"a\": line 1 has the same",
        "out/a.mp4: line 1 writes the same output", "line 7: id is needed",
        "line 7: source and avatar exclude each other", "line 7: audio is needed",
        "d.avi: extension \".avi\"", "line 7: seed: must be a text, a number, true or false",
        "line 8: id: is given twice", ": is a folder (audio)"})
    EXPECT_THAT(text, HasSubstr(problem));
}

TEST_F(JobFileTest, AnOutputMustNotBeAnInput) {
  write("jobs.jsonl", "");
  std::filesystem::create_directory(folder_ / "out");
  write("out/a.mp4", "x");
  EXPECT_THAT(problems_of("jobs.jsonl",
                          "{\"id\":\"a\",\"source\":\"a.png\",\"audio\":\"s.wav\"}\n"
                          "{\"id\":\"b\",\"source\":\"out/a.mp4\",\"audio\":\"s.wav\"}\n"),
              HasSubstr("line 1: " + (folder_ / "out/a.mp4").string() +
                        ": the output is an input of line 2"));
}

TEST_F(JobFileTest, AnOutputThatIsAnInputByALinkIsRefused) {
  std::filesystem::create_directory(folder_ / "out");
  std::filesystem::create_directory_symlink(folder_ / "out", folder_ / "link");
  write("out/a.mp4", "x");
  EXPECT_THAT(problems_of("jobs.jsonl",
                          "{\"id\":\"a\",\"source\":\"a.png\",\"audio\":\"s.wav\"}\n"
                          "{\"id\":\"b\",\"source\":\"link/a.mp4\",\"audio\":\"s.wav\"}\n"),
              HasSubstr("the output is an input of line 2"));
}

TEST_F(JobFileTest, OnlyAnAbsoluteOutputLiesOutside) {
  const auto line = [](const std::string& id, const std::string& more) {
    return R"({"id":")" + id + R"(","source":"a.png","audio":"s.wav")" + more + "}\n";
  };
  const std::string text = problems_of(
      "jobs.jsonl", line("../a", "") + line("/b", "") + line("c", R"(,"out":"x/../../c.mp4")"));
  EXPECT_THAT(text, AllOf(HasSubstr("line 1: id ../a: "), HasSubstr("line 2: id /b: /b.mp4 lies"),
                          HasSubstr("line 3: out = x/../../c.mp4: lies outside of --out-dir")));
  const auto jobs =
      read("jobs.jsonl", line("../a", R"(,"out":"a.mp4")") +
                             line("b", R"(,"out":"/elsewhere/b.mp4")") + line("x/../c", ""));
  EXPECT_EQ(jobs[0].out, "a.mp4");
  EXPECT_EQ(jobs[1].out, "/elsewhere/b.mp4");
  EXPECT_EQ(jobs[2].out, "c.mp4");
}

TEST_F(JobFileTest, IdsThatJobOptionsCannotNameAreRefused) {
  const std::string text = problems_of("jobs.csv",
                                       "id,source,audio\na;b,a.png,s.wav\n c,a.png,s.wav\n"
                                       "d ,a.png,s.wav\n*,a.png,s.wav\n");
  for (const char* line : {"line 2: id ", "line 3: id ", "line 4: id ", "line 5: id "})
    EXPECT_THAT(text, HasSubstr(line));
}

TEST_F(JobFileTest, BadCsv) {
  const std::string text = problems_of("jobs.csv",
                                       "id,source,audio,id\n"
                                       "a,a.png\n"
                                       "b,\"a.png\"x,s.wav,q\n"
                                       "c,a\"b,s.wav,q\n"
                                       "d,a.png,s.wav,\"open\n");
  EXPECT_THAT(text, AllOf(HasSubstr("line 1: column \"id\" stands there twice"),
                          HasSubstr("line 2: 2 fields: must be 4, as in the first line"),
                          HasSubstr("line 3: text after the closing quote"),
                          HasSubstr("line 4: a quote inside a field"),
                          HasSubstr("line 5: the quote that begins a field is never closed")));
}

TEST_F(JobFileTest, RefusesWhatIsNoJobFile) {
  EXPECT_THAT(problems_of("jobs.txt", ""), HasSubstr("must be one of .jsonl, .ndjson, .csv"));
  EXPECT_THAT(problems_of("jobs.jsonl", "\n\n"), HasSubstr("no job in this file"));
  EXPECT_THAT(problems_of("jobs.csv", ""), HasSubstr("no job in this file"));
  EXPECT_THAT(problems_of("jobs.csv", "id;source;audio\na;a.png;s.wav\n"),
              HasSubstr("line 1: fields are separated by semicolons: must be commas"));
  EXPECT_THAT(problems_of("jobs.csv", "id,source,audio\n\xff,a.png,s.wav\n"),
              HasSubstr("line 2: is not UTF-8"));
}

TEST_F(JobFileTest, SchemaKnowsEveryField) {
  session::RenderOptions defaults, scratch;
  const JobFormat format = cli::job_format(defaults, scratch);
  const auto schema = nlohmann::json::parse(job_schema(format));
  const auto& properties = schema.at("properties");
  EXPECT_EQ(properties.size(), format.fields.size() + 1);
  EXPECT_EQ(properties.at("seed").at("minimum"), 0);
  EXPECT_EQ(properties.at("blink").at("enum"),
            nlohmann::json::parse(R"(["auto", "on", "off", true, false])"));
  EXPECT_EQ(properties.at("expression").at("default"), "neutral");
}

}  // namespace
}  // namespace visema::batch
