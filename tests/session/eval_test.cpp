#include "visema/session/eval.h"

#include <gmock/gmock.h>

#include <cstdlib>
#include <fstream>

#include "models/syncnet_weights.h"
#include "session_fixture.h"
#include "visema/core/error.h"
#include "visema/session/import.h"

namespace visema::session {
namespace {

const std::filesystem::path kGrid = kData / "clips/grid-many/0005.mp4";  // held out of training

class EvalTest : public SessionTest {
 protected:
  void SetUp() override {
    SessionTest::SetUp();
    if (IsSkipped()) return;
    if (!has(kGrid)) GTEST_SKIP() << "shared clips are not here";
    if (!has(built_models().models / "faceres.safetensors"))
      GTEST_SKIP() << "the face embedding is not set up: run make models";
  }

  EvalOptions of(const std::filesystem::path& video) const {
    EvalOptions options;
    options.video = video;
    options.models = built_models();
    options.phones = false;
    return options;
  }

  /// Runs ffmpeg quietly; `arguments` name its output relative to the test's folder.
  std::filesystem::path make(const std::string& arguments, const std::string& out) const {
    const auto path = folder_ / out;
    const std::string command =
        "ffmpeg -v error -y " + arguments + " '" + path.string() + "' </dev/null";
    EXPECT_EQ(std::system(command.c_str()), 0) << command;
    return path;
  }

  static std::optional<double> value(const EvaluationReport& report, const std::string& name) {
    const Figure* figure = report.figure(name);
    return figure != nullptr ? figure->value : std::nullopt;
  }

  static std::string error_of(const EvalOptions& options) {
    try {
      evaluate(options);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kInput);
      return describe(error);
    }
    return "";
  }
};

TEST_F(EvalTest, ARealClipIsInSyncAndLikeItself) {
  EvalOptions options = of(kGrid);
  options.reference = kGrid;
  std::int64_t frames = 0;
  const EvaluationReport report = evaluate(options, [&](std::string_view, std::int64_t done, auto) {
    frames = done;
    return true;
  });
  EXPECT_EQ(frames, report.video.frames);
  EXPECT_EQ(value(report, "sync.offset_frames"), 0);
  EXPECT_GT(value(report, "sync.confidence").value(), 0.1);
  EXPECT_EQ(value(report, "lips.distance"), 0);
  EXPECT_EQ(value(report, "picture.psnr_db"), 100);
  EXPECT_EQ(value(report, "picture.mouth_perceptual"), 0);
  EXPECT_GT(value(report, "identity.second_worst").value(), 0.6);
  EXPECT_NEAR(value(report, "picture.mouth_sharpness").value(), 1, 0.3);
  EXPECT_GT(value(report, "identity.worst").value(), 0.8);
  EXPECT_NEAR(value(report, "stream.fps").value(), 25, 0.01);
  EXPECT_EQ(value(report, "stream.dropped_frames"), 0);
  for (const Figure& figure : report.figures) {
    if (figure.value) {
      EXPECT_TRUE(figure.why.empty()) << figure.name;
    } else {
      EXPECT_FALSE(figure.why.empty()) << figure.name;
    }
    if (figure.real) {
      EXPECT_NEAR(*figure.real, figure.value.value(), 1e-9) << figure.name;
    }
  }
  EXPECT_EQ(report.sync_distance.size(), 31U);
  EXPECT_FALSE(report.worst.empty());
}

TEST_F(EvalTest, LateSoundIsFound) {
  const auto late = make(
      "-i '" + kGrid.string() + "' -af adelay=200:all=1 -c:v copy -c:a aac -shortest", "late.mp4");
  const EvaluationReport report = evaluate(of(late));
  EXPECT_NEAR(value(report, "sync.offset_frames").value(), 5, 1);
  EXPECT_LT(value(report, "sync.in_sync_percent").value(), 25);
}

TEST_F(EvalTest, TheSoundOfAnotherClipDoesNotFit) {
  EvalOptions options = of(kGrid);
  const double own = value(evaluate(options), "sync.confidence").value();
  options.audio = kData / "clips/grid-many/0016.mp4";
  EXPECT_LT(value(evaluate(options), "sync.confidence").value(), own / 2);
}

TEST_F(EvalTest, AStillPictureIsOutOfSyncAndDoesNotMove) {
  const auto frozen =
      make("-i '" + kGrid.string() + "' -vf loop=loop=200:size=1 -t 2.9", "still.mp4");
  EvalOptions options = of(frozen);
  options.reference = kGrid;
  const EvaluationReport report = evaluate(options);
  EXPECT_LT(value(report, "sync.confidence").value(), 0.05);
  EXPECT_LT(value(report, "lips.openness_gain").value(), 0.1);
  EXPECT_GT(value(report, "stream.repeated_frames").value(), 40);
}

TEST_F(EvalTest, AnotherSizeRateAndLengthIsAlignedAndSaidSo) {
  const auto other =
      make("-i '" + kGrid.string() + "' -vf scale=320:320,fps=30 -t 2 -c:a aac", "other size.mp4");
  EvalOptions options = of(other);
  options.reference = kGrid;
  const EvaluationReport report = evaluate(options);
  EXPECT_THAT(report.warnings, testing::Contains(testing::HasSubstr("frames a second")));
  EXPECT_THAT(report.warnings, testing::Contains(testing::HasSubstr("scaled")));
  EXPECT_THAT(report.warnings, testing::Contains(testing::HasSubstr("long")));
  EXPECT_GT(value(report, "lips.openness_correlation").value(), 0.9);
  EXPECT_GT(value(report, "picture.ssim").value(), 0.8);
  EXPECT_NEAR(value(report, "stream.fps").value(), 30, 0.05);
}

TEST_F(EvalTest, AVideoWithoutSoundSaysWhatCannotBeMeasured) {
  const auto mute = make("-i '" + kGrid.string() + "' -an -c:v copy", "mute.mp4");
  const EvaluationReport report = evaluate(of(mute));
  EXPECT_EQ(report.figure("sync.offset_frames")->why, "the video has no sound");
  EXPECT_EQ(report.figure("silence.open_percent")->why, "the video has no sound");
  EXPECT_TRUE(value(report, "jitter.lips"));
}

TEST_F(EvalTest, SeveralFacesAreSaid) {
  const auto two = make(
      "-i '" + kGrid.string() +
          "' -t 0.8 -filter_complex 'split[a][b];[b]scale=180:180,pad=256:256[c];[a][c]hstack'",
      "two.mp4");
  const EvaluationReport report = evaluate(of(two));
  EXPECT_THAT(report.warnings, testing::Contains(testing::HasSubstr("2 faces")));
  EvalOptions options = of(two);
  options.face = FaceChoice::kRight;
  EXPECT_THAT(evaluate(options).warnings, testing::IsEmpty());
}

TEST_F(EvalTest, BadInputIsNamed) {
  const auto grey = make("-f lavfi -i color=gray:s=320x240:d=1", "grey.mp4");
  EXPECT_THAT(error_of(of(grey)),
              testing::AllOf(testing::HasSubstr("grey.mp4"), testing::HasSubstr("no face")));
  EXPECT_THAT(error_of(of(folder_ / "missing.mp4")), testing::HasSubstr("missing.mp4"));
  EvalOptions options = of(kGrid);
  options.reference = grey;
  EXPECT_THAT(error_of(options), testing::HasSubstr("grey.mp4"));
  options = of(kGrid);
  options.source = grey;
  EXPECT_THAT(error_of(options), testing::HasSubstr("no face found in the source"));
}

TEST_F(EvalTest, AnImportedSyncnetIsMeasuredToo) {
  EvalOptions options = of(make("-i '" + kGrid.string() + "' -t 1", "short.mp4"));
  EXPECT_THAT(evaluate(options).figure("syncnet.lse_c")->why, testing::HasSubstr("import"));

  options.models.models = folder_ / "models";
  std::filesystem::create_directories(options.models.models);
  for (const auto& file : std::filesystem::directory_iterator(built_models().models))
    if (file.path().filename() != "syncnet.safetensors")
      std::filesystem::create_symlink(file.path(), options.models.models / file.path().filename());
  write_legacy_checkpoint(syncnet_weights(), folder_ / "syncnet_v2.model");
  const auto written =
      import_network({"syncnet", folder_ / "syncnet_v2.model", {}, options.models});
  EXPECT_EQ(written, options.models.models / "syncnet.safetensors");
  const EvaluationReport report = evaluate(options);
  EXPECT_GT(value(report, "syncnet.lse_d").value(), 0);
  EXPECT_GE(value(report, "syncnet.lse_c").value(), 0);
  EXPECT_LE(std::abs(value(report, "syncnet.offset_frames").value()), 15);
  EXPECT_TRUE(report.networks.contains("syncnet"));

  options.syncnet = false;
  EXPECT_EQ(evaluate(options).figure("syncnet.lse_c")->why, "--syncnet off");
}

TEST_F(EvalTest, AStopRequestEndsIt) {
  const EvalOptions options = of(kGrid);
  try {
    evaluate(options, [](auto, std::int64_t done, auto) { return done < 3; });
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kInterrupted);
  }
}

class EvalPairsTest : public ScratchTest {
 protected:
  void touch(const std::string& name) const {
    std::filesystem::create_directories((folder_ / name).parent_path());
    std::ofstream(folder_ / name) << "x";
  }
};

TEST_F(EvalPairsTest, FilesOfTheSameStemBelongTogether) {
  for (const char* name :
       {"out/b c.mp4", "out/a.webm", "out/notes.txt", "real/a.mp4", "real/x.mov"})
    touch(name);
  const auto pairs = eval_pairs(folder_ / "out", folder_ / "real");
  ASSERT_EQ(pairs.size(), 2U);
  EXPECT_EQ(pairs[0].video.filename(), "a.webm");
  EXPECT_EQ(pairs[0].reference.filename(), "a.mp4");
  EXPECT_TRUE(pairs[1].reference.empty());
  EXPECT_EQ(eval_pairs(folder_ / "out", {}).size(), 2U);
}

TEST_F(EvalPairsTest, FoldersWithoutVideosAreErrors) {
  touch("empty/readme.txt");
  touch("out/a.mp4");
  touch("real/b.mp4");
  EXPECT_THROW(eval_pairs(folder_ / "empty", {}), Error);
  EXPECT_THROW(eval_pairs(folder_ / "nowhere", {}), Error);
  EXPECT_THROW(eval_pairs(folder_ / "out", folder_ / "real"), Error);
}

}  // namespace
}  // namespace visema::session
