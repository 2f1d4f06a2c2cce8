#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "visema/core/error.h"
#include "visema/session/doctor.h"
#include "visema/testing/lip_sync_matchers.h"

namespace visema::session {
namespace {

using ::testing::Not;
using visema::testing::IsInSync;
using visema::testing::PreservesIdentityOf;
using visema::testing::RestsInSilence;

const std::filesystem::path kClips = VISEMA_SOURCE_DIR "/../shared/data/clips";
const std::filesystem::path kReal = kClips / "grid-many/0005.mp4";  // held out of training
const std::filesystem::path kOther = kClips / "lab/0004.mp4";

const std::vector<std::string> kSync = {"sync.offset_frames", "sync.margin"};

class QualityTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ =
        std::filesystem::temp_directory_path() / ("visema-quality-" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder_);
  }
  static void TearDownTestSuite() { std::filesystem::remove_all(folder_); }

  void SetUp() override {
    if (!std::filesystem::exists(kReal)) GTEST_SKIP() << "shared clips are not here";
    try {
      require_models(default_model_paths(), ModelUse::kEval);
    } catch (const Error& error) {
      GTEST_SKIP() << error.what();
    }
  }

  /// Runs ffmpeg quietly on the real clip.
  static std::filesystem::path make(const std::string& arguments, const std::string& out) {
    const auto path = folder_ / out;
    const std::string command = "ffmpeg -v error -y -i '" + kReal.string() + "' " + arguments +
                                " '" + path.string() + "' </dev/null";
    EXPECT_EQ(std::system(command.c_str()), 0) << command;
    return path;
  }

  /// As the matchers measure a path.
  static EvaluationReport measured(const std::filesystem::path& video,
                                   const std::filesystem::path& source = {}) {
    EvalOptions options;
    options.video = video;
    options.source = source;
    options.phones = false;
    options.models = default_model_paths();
    return evaluate(options);
  }

  /// What the matcher judges was measured, and still it does not match.
  template <typename Matcher>
  static void expect_failure(const EvaluationReport& report,
                             const std::vector<std::string>& figures, const Matcher& matcher) {
    for (const std::string& name : figures) {
      const Figure* figure = report.figure(name);
      ASSERT_TRUE(figure != nullptr && figure->value) << report.video.path << ": " << name;
    }
    EXPECT_THAT(report, Not(matcher));
  }

  /// The real clip's speech and then a second of silence, spoken by the real clip's face.
  static const std::filesystem::path& rendering() {
    static const std::filesystem::path kPath = [] {
      RenderOptions options;
      options.source = kReal;
      options.audio = make("-vn -af apad=pad_dur=1.5", "speech.wav");
      options.out = folder_ / "rendered.mp4";
      options.models = default_model_paths();
      render(options);
      return options.out;
    }();
    return kPath;
  }

  static inline std::filesystem::path folder_;
};

TEST_F(QualityTest, ARealClipPasses) {
  EXPECT_THAT(kReal, IsInSync());
  EXPECT_THAT(kReal, PreservesIdentityOf(kReal));
}

TEST_F(QualityTest, WrongSoundFails) {
  const auto late = make("-af adelay=240:all=1 -c:v copy -c:a aac -shortest", "late.mp4");
  expect_failure(measured(late), kSync, IsInSync());
  const auto other =
      make("-i '" + kOther.string() + "' -map 0:v -map 1:a -c:v copy -c:a aac -shortest",
           "other sound.mp4");
  expect_failure(measured(other), kSync, IsInSync());
}

TEST_F(QualityTest, AStillPictureFails) {
  expect_failure(measured(make("-vf loop=loop=-1:size=1 -t 2.9", "still.mp4")), kSync, IsInSync());
}

TEST_F(QualityTest, SpeakingInSilenceFails) {
  expect_failure(measured(make("-af volume=0 -c:v copy -c:a aac", "mute.mp4")),
                 {"silence.open_percent"}, RestsInSilence());
}

TEST_F(QualityTest, AnotherPersonFails) {
  expect_failure(measured(kOther, kReal), {"identity.mean", "identity.worst"},
                 PreservesIdentityOf(kReal));
}

TEST_F(QualityTest, WhatWeRenderPasses) {
  const EvaluationReport report = measured(rendering(), kReal);
  EXPECT_THAT(report, RestsInSilence());
  EXPECT_THAT(report, PreservesIdentityOf(kReal));
  EXPECT_THAT(report, IsInSync());
}

TEST_F(QualityTest, AFailureSaysTheFigure) {
  ::testing::StringMatchResultListener listener;
  EXPECT_FALSE(::testing::ExplainMatchResult(IsInSync({0, 10}), kReal, &listener));
  EXPECT_THAT(listener.str(), ::testing::HasSubstr("sync.margin is 0."));
}

}  // namespace
}  // namespace visema::session
