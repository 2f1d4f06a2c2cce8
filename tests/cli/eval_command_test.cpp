#include <gmock/gmock.h>

#include <cstdlib>

#include "program.h"

namespace visema::cli {
namespace {

using testing::HasSubstr;

constexpr int kUsage = 2;
constexpr int kInput = 3;
constexpr int kModel = 5;
constexpr int kRequirement = 6;
/// The begin of a network's sum in a report.
constexpr const char* kNetwork = "\"sync\": \"";

class EvalCommandTest : public ProgramTest {
 protected:
  /// A real clip of two seconds; skips the test without it.
  bool has_clip() {
    const std::filesystem::path clip = VISEMA_SOURCE_DIR "/../shared/data/clips/grid-many/0005.mp4";
    if (!std::filesystem::exists(clip)) return false;
    std::filesystem::create_directory(folder_ / "real");
    std::filesystem::copy_file(clip, folder_ / "real" / "my <clip>.mp4");
    return std::filesystem::exists(VISEMA_BINARY_DIR "/share/visema/models/mobileface.safetensors");
  }
};

TEST_F(EvalCommandTest, SaysWhatIsMissingOrDoesNotGoTogether) {
  EXPECT_THAT(run({"eval"}).err, HasSubstr("--video or --dir is needed"));
  EXPECT_THAT(run({"eval", "a.mp4", "--dir", "b"}).err, HasSubstr("exclude each other"));
  EXPECT_THAT(run({"eval", "a.mp4", "--reference-dir", "b"}).err, HasSubstr("needs --dir"));
}

TEST_F(EvalCommandTest, NoOutputOverwritesAnInput) {
  for (const char* name : {"a.mp4", "r.mp4", "s.jpg", "a.wav"}) write(name, "x");
  std::filesystem::create_directory(folder_ / "out");
  std::filesystem::create_directory(folder_ / "real");
  write("out/a.mp4", "x");
  write("real/a.mp4", "x");
  using Words = std::vector<std::string>;
  const auto judge = [&](Words arguments, const Words& outputs) {
    arguments.insert(arguments.end(), outputs.begin(), outputs.end());
    const Finished finished = run(arguments);
    EXPECT_EQ(finished.code, kUsage) << finished.err;
    for (std::size_t i = 1; i < outputs.size(); i += 2) {
      EXPECT_THAT(finished.err, HasSubstr(outputs[i] + ": the output would overwrite an input"));
      EXPECT_EQ(read_text(folder_ / outputs[i]), "x");
    }
  };
  const Words one = {"eval",     "a.mp4", "--reference", "r.mp4",
                     "--source", "s.jpg", "--audio",     "a.wav"};
  judge(one, {"--report", "./a.mp4", "--html", "a.wav"});
  judge(one, {"--report", "r.mp4", "--html", "s.jpg", "--junit", "./a.mp4"});
  const Words many = {"eval", "--dir", "out", "--reference-dir", "real"};
  judge(many, {"--report", "./out/a.mp4", "--html", "real/a.mp4"});
  judge({"import", "syncnet", "a.mp4"}, {"--out", "./a.mp4"});
}

TEST_F(EvalCommandTest, OutputsAreDifferentFiles) {
  write("a.mp4", "x");
  const Finished finished = run({"eval", "a.mp4", "--html", "x", "--report", folder_ / "x"});
  EXPECT_EQ(finished.code, kUsage);
  EXPECT_THAT(finished.err, HasSubstr("two outputs name this file"));
}

TEST_F(EvalCommandTest, AWrongRequirementIsFoundBeforeTheWork) {
  write("a.mp4", "x");
  const Finished finished = run({"eval", "a.mp4", "--require", "sync.ofset_frames < 2"});
  EXPECT_EQ(finished.code, kUsage);
  EXPECT_THAT(finished.err, HasSubstr("near are sync.offset_frames"));
}

TEST_F(EvalCommandTest, RequirementsDecideTheExitCode) {
  if (!has_clip()) GTEST_SKIP() << "shared clips or face networks are not here";
  const auto judge = [&](const std::string& rule) {
    return run({"eval", "real/my <clip>.mp4", "--phones", "off", "--require", rule, "--require",
                "stream.fps > 1", "--junit", "j.xml", "--html", "page.html", "--report", "r.json"});
  };
  const Finished good = judge("sync.offset_frames in -2..2");
  EXPECT_EQ(good.code, 0) << good.err;
  EXPECT_THAT(good.out, HasSubstr("holds: sync.offset_frames"));
  EXPECT_THAT(read_text(folder_ / "j.xml"), HasSubstr("tests=\"2\" failures=\"0\""));
  EXPECT_THAT(read_text(folder_ / "page.html"), HasSubstr("my &lt;clip&gt;.mp4"));
  EXPECT_THAT(read_text(folder_ / "r.json"), HasSubstr("\"schema\": 1"));
  const Finished bad = judge("sync.offset_frames > 10");
  EXPECT_EQ(bad.code, kRequirement);
  EXPECT_THAT(bad.out, HasSubstr("FAILS: sync.offset_frames is"));
}

TEST_F(EvalCommandTest, OneBadVideoOfAFolderIsReportedAndTheOthersAreMeasured) {
  if (!has_clip()) GTEST_SKIP() << "shared clips or face networks are not here";
  write("real/broken.mp4", "this is no video");
  const Finished finished =
      run({"eval", "--dir", "real", "--phones", "off", "--html", "t.html", "--report", "t.json"});
  EXPECT_EQ(finished.code, kInput);
  EXPECT_THAT(finished.err, HasSubstr("real/broken.mp4"));
  EXPECT_THAT(finished.out, HasSubstr("1 videos measured, 1 could not be"));
  EXPECT_THAT(read_text(folder_ / "t.json"), HasSubstr("\"error\": \"real/broken.mp4"));
  EXPECT_THAT(read_text(folder_ / "t.json"), HasSubstr(kNetwork));
  EXPECT_THAT(read_text(folder_ / "t.html"), HasSubstr("not measured: real/broken.mp4"));
}

TEST_F(EvalCommandTest, AFolderIsMeasuredAgainstTheRealVideos) {
  if (!has_clip()) GTEST_SKIP() << "shared clips or face networks are not here";
  std::filesystem::create_directory(folder_ / "out");
  const std::string cut = "cd '" + folder_.string() +
                          "' && ffmpeg -v error -y -i real/*.mp4 -t 0.8 out/a.mp4 </dev/null"
                          " && rm real/*.mp4 && cp out/a.mp4 real/a.mp4";
  ASSERT_EQ(std::system(cut.c_str()), 0);
  const Finished finished = run({"eval", "--dir", "out", "--reference-dir", "real", "--phones",
                                 "off", "--report", "t.json", "--junit", "j.xml"});
  EXPECT_EQ(finished.code, 0) << finished.err;
  EXPECT_THAT(finished.out, HasSubstr("1 videos measured"));
  const std::string report = read_text(folder_ / "t.json");
  EXPECT_THAT(report, HasSubstr("\"picture.psnr_db\": 100"));
  EXPECT_THAT(report, HasSubstr(kNetwork));
  EXPECT_THAT(read_text(folder_ / "j.xml"), HasSubstr("tests=\"1\" failures=\"0\" errors=\"0\""));
}

TEST_F(EvalCommandTest, AVideoThatCannotBeMeasuredIsAnErrorInTheJunit) {
  if (!has_clip()) GTEST_SKIP() << "shared clips or face networks are not here";
  write("broken.mp4", "this is no video");
  for (const std::string video : {"broken.mp4", "missing.mp4"}) {
    write("j.xml", "of the last run");
    const Finished finished =
        run({"eval", video, "--require", "stream.fps > 1", "--junit", "j.xml"});
    EXPECT_EQ(finished.code, kInput);
    EXPECT_THAT(finished.err, HasSubstr(video));
    const std::string junit = read_text(folder_ / "j.xml");
    EXPECT_THAT(junit, HasSubstr("tests=\"2\" failures=\"1\" errors=\"1\""));
    EXPECT_THAT(junit, HasSubstr("<error message=\"" + video));
  }
}

TEST_F(EvalCommandTest, ImportRefusesWhatIsNoSyncnet) {
  EXPECT_THAT(run({"import", "syncnet"}).err, HasSubstr("--file is needed"));
  EXPECT_EQ(run({"import", "lipnet", "a.model"}).code, kUsage);
  EXPECT_EQ(run({"import", "syncnet", "missing.model"}).code, kInput);
  write("a.model", "this is no checkpoint");
  const Finished finished = run({"import", "syncnet", "a.model", "--out", "out.safetensors"});
  EXPECT_EQ(finished.code, kModel);
  EXPECT_THAT(finished.err, HasSubstr("a.model"));
  EXPECT_FALSE(std::filesystem::exists(folder_ / "out.safetensors"));
}

}  // namespace
}  // namespace visema::cli
