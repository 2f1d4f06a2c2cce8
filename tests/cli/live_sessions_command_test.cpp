#include <gmock/gmock.h>

#include <sstream>

#include "program.h"

namespace visema::cli {
namespace {

using testing::HasSubstr;

constexpr int kUsage = 2;
constexpr int kSomeFailed = 7;

class LiveSessionsCommandTest : public ProgramTest {
 protected:
  static inline const std::string kPortrait =
      VISEMA_SOURCE_DIR "/../shared/data/portraits/photo-front-1.jpg";

  static bool can_render() {
    return std::filesystem::exists(kPortrait) &&
           std::filesystem::exists(VISEMA_BINARY_DIR "/share/visema/weights/renderer.safetensors");
  }
};

/// Whether a line of `text` has this part and ends with its place in the file.
bool says(const std::string& text, const std::string& part, int line) {
  const std::string place = " (sessions.toml, line " + std::to_string(line) + ")";
  std::istringstream lines(text);
  for (std::string one; std::getline(lines, one);)
    if (one.find(part) != std::string::npos && one.ends_with(place)) return true;
  return false;
}

TEST_F(LiveSessionsCommandTest, NamesAllThatIsWrongInTheFileWithItsLine) {
  write("face.png", "x");
  write("sessions.toml",
        "fps = much\n"
        "control = /tmp/a\n"
        "[sessions.anna]\n"
        "source = face.png\n"
        "to = \"ftp://a; file:x.mkv\"\n"
        "[sessions.bert]\n"
        "avatar = none.avatar\n"
        "fpss = 3\n"
        "to = \"file:./x.mkv\"\n"
        "[sessions.carl]\n"
        "control = \"unix:/tmp/a\"\n"
        "input = \"tcp://127.0.0.1:7001\"\n"
        "pace = off\n"
        "[session.dora]\n"
        "[sessions.emil]\n"
        "source = face.png\n"
        "to = preview:\n"
        "input = none.wav\n"
        "[sessions.fred]\n"
        "source = face.png\n"
        "preview = on\n");
  const Finished finished = run({"live", "--sessions", "sessions.toml"});
  EXPECT_EQ(finished.code, kUsage);
  for (const auto& [part, line] :
       {std::pair{"fps = much: must be", 1},
        {"control: \"/tmp/a\": no such kind of address", 2},
        {"anna: output \"ftp://a\": must be one of", 3},
        {"bert: none.avatar: cannot be read", 6},
        {"sessions.bert.fpss: no such option; did you mean fps?", 8},
        {"bert: file:./x.mkv: is anna's already", 6},
        {"sessions.carl.control: no such option of a session: it belongs to the process", 11},
        {"carl: source or avatar is needed", 10},
        {"carl: to is needed", 10},
        {"carl: pace off needs an input that ends", 10},
        {"[session.dora]: must be [sessions.NAME]", 14},
        {"emil: none.wav: cannot be read", 15},
        {"fred: preview:: is emil's already", 19}})
    EXPECT_TRUE(says(finished.err, part, line)) << part << "\n" << finished.err;
}

TEST_F(LiveSessionsCommandTest, WhatOnlyOneCanHaveIsKnownByWhatItIs) {
  write("face.png", "x");
  write("talk.mkv", "x");
  std::filesystem::create_directory(folder_ / "web");
  std::filesystem::create_directory_symlink(folder_ / "web", folder_ / "link");
  write("sessions.toml",
        "source = face.png\n"
        "[sessions.anna]\n"
        "to = \"raw:rgba:-; hls:web; udp://127.0.0.1:9; file:web/a.mkv\"\n"
        "input = \"pcm:s16le:24000:1:-\"\n"
        "[sessions.bert]\n"
        "to = \"raw:-; hls:web/index.m3u8; udp://127.0.0.1:9?pkt_size=1316; file:link/a.mkv\"\n"
        "input = \"pcm:s16le:16000:1:-\"\n"
        "[sessions.carl]\n"
        "to = file:talk.mkv\n"
        "[sessions.dora]\n"
        "to = preview:\n"
        "input = talk.mkv\n"
        "background = none\n");
  const Finished finished = run({"live", "--sessions", "sessions.toml"});
  EXPECT_EQ(finished.code, kUsage);
  for (const auto& [part, line] :
       {std::pair{"bert: raw:-: is anna's already", 5},
        {"bert: hls:web/index.m3u8: is anna's already", 5},
        {"bert: udp://127.0.0.1:9?pkt_size=1316: is anna's already", 5},
        {"bert: file:link/a.mkv: is anna's already", 5},
        {"bert: pcm:s16le:16000:1:-: is anna's already", 5},
        {"carl: talk.mkv: the output would overwrite an input of dora", 8},
        {"dora: preview:: carries no transparency", 10}})
    EXPECT_TRUE(says(finished.err, part, line)) << part << "\n" << finished.err;
}

TEST_F(LiveSessionsCommandTest, AFileWithoutSessionsIsRefused) {
  write("sessions.toml", "fps = 30\n");
  const Finished finished = run({"live", "--sessions", "sessions.toml"});
  EXPECT_EQ(finished.code, kUsage);
  EXPECT_THAT(finished.err, HasSubstr("sessions.toml: no [sessions.NAME] in it"));
  EXPECT_THAT(run({"live", "--sessions", "none.toml"}).err, HasSubstr("none.toml: "));
}

TEST_F(LiveSessionsCommandTest, OneThatFailsShowsInTheExitCode) {
  if (!can_render()) GTEST_SKIP() << "shared clips or weights are not here";
  write("bad.avatar", "no avatar");
  write("sessions.toml",
        "duration = 1\n"
        "[sessions.bad]\n"
        "avatar = bad.avatar\n"
        "to = \"file:bad.mkv\"\n"
        "[sessions.good]\n"
        "source = \"" +
            kPortrait +
            "\"\n"
            "to = \"file:good.mkv\"\n"
            "duration = 0.4\n");
  const Finished finished = run({"live", "--sessions", "sessions.toml", "--report", "report.json"});
  EXPECT_EQ(finished.code, kSomeFailed) << finished.err;
  EXPECT_THAT(finished.out, HasSubstr("live: 2 sessions, 10 frames in "));
  EXPECT_THAT(finished.out, HasSubstr("bad: failed: bad.avatar"));
  EXPECT_THAT(read_text(folder_ / "report.json"), HasSubstr("\"state\": \"failed\""));
  EXPECT_TRUE(std::filesystem::exists(folder_ / "good.mkv"));
}

}  // namespace
}  // namespace visema::cli
