#include <gmock/gmock.h>
#include <signal.h>

#include <chrono>
#include <regex>
#include <thread>

#include "program.h"

namespace visema::cli {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

constexpr int kUsage = 2;
constexpr int kInterrupted = 130;

class LiveCommandTest : public ProgramTest {
 protected:
  static constexpr const char* kPortrait =
      VISEMA_SOURCE_DIR "/../shared/data/portraits/photo-front-1.jpg";

  bool appears(const char* name) const {
    const auto end = std::chrono::steady_clock::now() + 60s;
    while (!std::filesystem::exists(folder_ / name)) {
      if (std::chrono::steady_clock::now() > end) return false;
      std::this_thread::sleep_for(10ms);
    }
    return true;
  }
};

TEST_F(LiveCommandTest, SaysAllThatIsMissing) {
  const Finished finished = run({"live", "--pace", "off"});
  EXPECT_EQ(finished.code, kUsage);
  EXPECT_THAT(finished.err, HasSubstr("--source or --avatar is needed"));
  EXPECT_THAT(finished.err, HasSubstr("--to is needed"));
  EXPECT_THAT(finished.err, HasSubstr("--pace off needs an --input that ends"));
}

TEST_F(LiveCommandTest, PriorityIsOneOfThree) {
  const Finished finished =
      run({"live", "--source", "face.png", "--to", "file:talk.mkv", "--priority", "highest"});
  EXPECT_EQ(finished.code, kUsage);
  EXPECT_THAT(finished.err, HasSubstr("--priority"));
  EXPECT_THAT(finished.err, HasSubstr("highest"));
  for (const char* word : {"auto", "normal", "realtime"})
    EXPECT_THAT(finished.err, HasSubstr(word));
}

TEST_F(LiveCommandTest, HelpNamesInputsAndOutputs) {
  const Finished finished = run({"live", "--help"});
  EXPECT_EQ(finished.code, 0);
  for (const char* text :
       {"pcm:FORMAT:RATE:CHANNELS:PATH", "tcp://HOST:PORT", "rtmp://", "preview:", "--priority",
        "--control", "--metrics", "may be given several times"})
    EXPECT_THAT(finished.out, HasSubstr(text));
}

TEST_F(LiveCommandTest, RefusesAnOutputOverItsSource) {
  write("face.mkv", "x");
  const Finished finished = run({"live", "--source", "face.mkv", "--to", "file:face.mkv"});
  EXPECT_EQ(finished.code, kUsage);
  EXPECT_THAT(finished.err, HasSubstr("face.mkv: the output would overwrite an input"));
}

TEST_F(LiveCommandTest, RefusesAnOutputOverItsSound) {
  write("face.png", "x");
  write("talk.mkv", "x");
  for (const char* input : {"talk.mkv", "pcm:s16le:24000:1:talk.mkv"}) {
    const Finished finished =
        run({"live", "--source", "face.png", "--input", input, "--to", "file:talk.mkv"});
    EXPECT_EQ(finished.code, kUsage) << input;
    EXPECT_THAT(finished.err, HasSubstr("talk.mkv: the output would overwrite an input"));
  }
}

TEST_F(LiveCommandTest, WithoutPaceTheInputMustEnd) {
  for (const char* input : {"mic", "mic:3", "tcp://127.0.0.1:7001", "unix:in.sock"}) {
    const Finished finished = run({"live", "--source", "face.png", "--input", input, "--to",
                                   "file:talk.mkv", "--pace", "off"});
    EXPECT_EQ(finished.code, kUsage) << input;
    EXPECT_THAT(finished.err, HasSubstr("--pace off needs an --input that ends")) << input;
  }
}

TEST_F(LiveCommandTest, AnInterruptEndsTheRecordingProperly) {
  if (!std::filesystem::exists(kPortrait) ||
      !std::filesystem::exists(VISEMA_BINARY_DIR "/share/visema/weights/renderer.safetensors"))
    GTEST_SKIP() << "shared clips or weights are not here";
  Program program({"live", "--source", kPortrait, "--control", "unix:control.sock", "--to",
                   "file:talk.mkv", "--report", "report.json", "--verbose"},
                  folder_);
  ASSERT_TRUE(appears("control.sock"));
  // A line of figures a second; some frames must have left.
  const std::regex some("[1-9][0-9]* frames");
  const auto end = std::chrono::steady_clock::now() + 60s;
  while (!std::regex_search(read_text(folder_ / ".err"), some) &&
         std::chrono::steady_clock::now() < end)
    std::this_thread::sleep_for(20ms);
  program.signal(SIGINT);
  const Finished finished = program.wait();
  EXPECT_EQ(finished.code, kInterrupted) << finished.err;
  EXPECT_THAT(finished.out, HasSubstr("live (interrupted): "));
  EXPECT_THAT(read_text(folder_ / "report.json"), HasSubstr("\"interrupted\": true"));
  EXPECT_FALSE(std::filesystem::exists(folder_ / "control.sock"));
  EXPECT_EQ(run({"landmarks", "talk.mkv", "--out", "points.jsonl"}).code, 0);
}

TEST_F(LiveCommandTest, DevicesAreListedOrNone) {
  const Finished finished = run({"devices"});
  EXPECT_EQ(finished.code, 0) << finished.err;
  EXPECT_FALSE(finished.out.empty());
}

}  // namespace
}  // namespace visema::cli
