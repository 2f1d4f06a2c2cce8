#include <gmock/gmock.h>

#include <cstdint>
#include <string>

#include "program.h"

namespace visema::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr int kInput = 3;
constexpr int kOutput = 4;
constexpr int kModel = 5;

/// A WAV file: 16 kHz, one channel, 16 bits.
std::string tenth_of_silence() {
  constexpr std::uint32_t kBytes = 3200;
  const auto number = [](std::uint32_t value, int bytes) {
    std::string text;
    for (int i = 0; i < bytes; ++i) text += static_cast<char>(value >> (8 * i) & 255U);
    return text;
  };
  return "RIFF" + number(36 + kBytes, 4) + "WAVEfmt " + number(16, 4) + number(1, 2) +
         number(1, 2) + number(16000, 4) + number(32000, 4) + number(2, 2) + number(16, 2) +
         "data" + number(kBytes, 4) + std::string(kBytes, '\0');
}

class ExitCodeTest : public ProgramTest {
 protected:
  void SetUp() override {
    ProgramTest::SetUp();
    write("face.jpg", "x");
    write("speech.wav", "x");
  }
};

TEST_F(ExitCodeTest, MissingInputs) {
  const Finished finished =
      run({"render", "--source", "no face.jpg", "--audio", "no.wav", "--out", "talk.mp4"});
  EXPECT_EQ(finished.code, kInput);
  EXPECT_THAT(finished.err, HasSubstr("no face.jpg: cannot be read: No such file or directory"));
  EXPECT_THAT(finished.err, HasSubstr("no.wav: cannot be read"));
  EXPECT_EQ(run({"enroll", "--source", "no.jpg", "--out", "a.avatar"}).code, kInput);
  EXPECT_EQ(run({"landmarks", "no.jpg", "--out", "a.jsonl"}).code, kInput);
  EXPECT_EQ(run({"prepare", "--data", ".", "--out", "pack"}).code, kInput);
  EXPECT_EQ(run({"pack", "--in", ".", "--out", "compact"}).code, kInput);
}

TEST_F(ExitCodeTest, AFolderIsNoInput) {
  const Finished finished =
      run({"render", "--source", ".", "--audio", "speech.wav", "--out", "talk.mp4"});
  EXPECT_EQ(finished.code, kInput);
  EXPECT_THAT(finished.err, HasSubstr(".: is a folder"));
}

TEST_F(ExitCodeTest, UnwritableOutput) {
  const std::vector<std::string> start = {"render", "--source", "face.jpg", "--audio",
                                          "speech.wav"};
  auto arguments = start;
  arguments.insert(arguments.end(), {"--out", "nowhere/talk.mp4"});
  Finished finished = run(arguments);
  EXPECT_EQ(finished.code, kOutput);
  EXPECT_THAT(finished.err, HasSubstr("nowhere/talk.mp4: cannot be written: no folder nowhere"));

  arguments = start;
  arguments.insert(arguments.end(), {"--out", "talk.mp4", "--report", "nowhere/r.json"});
  EXPECT_EQ(run(arguments).code, kOutput);
  std::filesystem::create_directory(folder_ / "folder.avatar");
  EXPECT_EQ(run({"enroll", "--source", "face.jpg", "--out", "folder.avatar"}).code, kOutput);
}

TEST_F(ExitCodeTest, AModelFolderWithoutTheNetworks) {
  std::filesystem::create_directory(folder_ / "empty");
  write("speech.wav", tenth_of_silence());
  const Finished finished = run({"render", "--model", "empty", "--source", "face.jpg", "--audio",
                                 "speech.wav", "--out", "talk.mp4"});
  EXPECT_EQ(finished.code, kModel);
  EXPECT_THAT(finished.err, HasSubstr("empty: has no landmarks.safetensors"));
  EXPECT_THAT(finished.err, HasSubstr("visema import ip-lap"));
}

TEST_F(ExitCodeTest, MissingModels) {
  std::filesystem::create_directory(folder_ / "empty");
  Finished finished = run({"render", "--source", "face.jpg", "--audio", "speech.wav", "--out",
                           "talk.mp4", "--models", "empty", "--weights", "empty"});
  EXPECT_EQ(finished.code, kModel) << finished.err;
  for (const char* name : {"face_detector", "face_mesh", "canonical_face", "speech", "renderer"})
    EXPECT_THAT(finished.err, HasSubstr("empty/" + std::string(name) + ".safetensors: missing"));
  EXPECT_THAT(finished.err, HasSubstr("make models"));
  EXPECT_THAT(finished.err, Not(HasSubstr("renderer-light")));
  EXPECT_FALSE(std::filesystem::exists(folder_ / "talk.mp4"));
  finished = run({"render", "--source", "face.jpg", "--audio", "speech.wav", "--out", "talk.mp4",
                  "--weights", "empty", "--quality", "light"});
  EXPECT_EQ(finished.code, kModel) << finished.err;
  EXPECT_THAT(finished.err,
              HasSubstr("empty/renderer-light.safetensors: missing; run `make build`"));
  finished = run({"enroll", "--source", "face.jpg", "--out", "a.avatar", "--models", "empty"});
  EXPECT_EQ(finished.code, kModel) << finished.err;
}

TEST_F(ExitCodeTest, DoctorTellsWhatIsMissingAndWhatMendsIt) {
  std::filesystem::create_directory(folder_ / "empty");
  write("empty/speech.safetensors", "not a weight file");
  const Finished finished = run({"doctor", "--models", "empty", "--weights", "empty"});
  EXPECT_EQ(finished.code, kModel) << finished.err;
  for (const char* text :
       {"visema ", "libtorch ", "libavformat ", "compiler ", "processor ", "device ",
        "MISSING empty/face_mesh.safetensors", "DAMAGED empty/speech.safetensors",
        "absent  empty/faceres.safetensors", "run `make models`", "not ready"})
    EXPECT_THAT(finished.out, HasSubstr(text));
}

TEST_F(ExitCodeTest, DoctorIsContentWithWhatTheBuildMade) {
  const std::filesystem::path share = VISEMA_BINARY_DIR "/share/visema";
  for (const char* name : {"models/face_mesh.safetensors", "weights/renderer.safetensors",
                           "weights/speech.safetensors"})
    if (!std::filesystem::exists(share / name)) GTEST_SKIP() << share / name << " is not there";
  const Finished finished = run({"doctor"});
  EXPECT_EQ(finished.code, 0) << finished.out;
  EXPECT_THAT(finished.out, HasSubstr("sha256 "));
  EXPECT_THAT(finished.out, HasSubstr("network visema-speech, version "));
}

}  // namespace
}  // namespace visema::cli
