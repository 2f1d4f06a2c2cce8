#include "visema/session/eval.h"

#include <gmock/gmock.h>

#include <chrono>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <utility>

#include "models/syncnet_weights.h"
#include "session_fixture.h"
#include "visema/core/error.h"
#include "visema/evaluation/sync_score.h"
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

  static std::string why(const EvaluationReport& report, const std::string& name) {
    const Figure* figure = report.figure(name);
    return figure != nullptr && !figure->value ? figure->why : "";
  }

  static std::string error_of(const EvalOptions& options, ErrorCode code = ErrorCode::kInput,
                              const ProgressSink& progress = {}, std::stop_token stop = {}) {
    try {
      evaluate(options, progress, {}, std::move(stop));
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), code);
      return describe(error);
    }
    return "";
  }

  /// Picture and sound of the clip as two inputs, each after ffmpeg's options for it.
  static std::string apart(const std::string& picture, const std::string& sound) {
    const std::string clip = " -i '" + kGrid.string() + "' ";
    return picture + clip + sound + clip + "-map 0:v -map 1:a";
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
  EXPECT_EQ(value(report, "stream.pts_errors"), 0);
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

TEST_F(EvalTest, ALatePictureIsFound) {
  const auto late = make(apart("-itsoffset 0.2", "") + " -c copy", "late picture.mkv");
  const EvaluationReport report = evaluate(of(late));
  EXPECT_NEAR(value(report, "stream.start_offset_ms").value(), 200, 25);
  EXPECT_NEAR(value(report, "sync.offset_frames").value(), -5, 1);

  EvalOptions options = of(kGrid);
  options.reference = make(apart("-itsoffset 5", "") + " -c copy", "too late.mkv");
  EXPECT_THAT(error_of(options), testing::HasSubstr("too late.mkv: its picture begins after"));
}

TEST_F(EvalTest, TheSoundOfAnotherClipDoesNotFit) {
  EvalOptions options = of(kGrid);
  const double own = value(evaluate(options), "sync.confidence").value();
  options.audio = kData / "clips/grid-many/0016.mp4";
  const EvaluationReport report = evaluate(options);
  EXPECT_LT(value(report, "sync.confidence").value(), own / 2);
  EXPECT_EQ(why(report, "stream.start_offset_ms"), "--audio given");
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

TEST_F(EvalTest, ARealVideoThatIsLateCanBeComparedInSync) {
  const auto late = make("-itsoffset 0.2 -i '" + kGrid.string() + "' -i '" + kGrid.string() +
                             "' -map 0:v -map 1:a -c copy",
                         "late.mp4");
  EvalOptions options = of(kGrid);
  options.reference = late;
  const EvaluationReport report = evaluate(options);
  EXPECT_LT(value(report, "lips.openness_correlation").value(), 0.8);
  EXPECT_GT(value(report, "lips.correlation_in_sync").value(), 0.95);
}

TEST_F(EvalTest, ALongerReferenceEndsWithTheVideo) {
  const auto beginning = make("-i '" + kGrid.string() + "' -t 1.2", "beginning.mp4");
  EvalOptions options = of(beginning);
  options.reference = kGrid;
  const EvaluationReport report = evaluate(options);
  EXPECT_THAT(report.warnings, testing::Contains(testing::HasSubstr("1.20 s long")));
  EXPECT_NEAR(report.reference->duration_s, 3, 0.1);
  EXPECT_NEAR(static_cast<double>(report.reference->frames), 1.7 * 25, 2);
  EXPECT_LT(report.openness_real.time_s.back(), 1.75);
  const auto real = [&](const char* name) { return report.figure(name)->real.value(); };
  EXPECT_LE(real("sync.seconds"), 1.7);
  EXPECT_LE(real("silence.seconds"), 1.7);
  EXPECT_LT(std::abs(real("stream.duration_difference_ms")), 100);

  options.video = kGrid;
  options.reference = beginning;
  const EvaluationReport other = evaluate(options);
  EXPECT_THAT(other.warnings, testing::Contains(testing::HasSubstr("the video's own figures")));
  EXPECT_GT(other.video.frames, 70);
}

TEST_F(EvalTest, SoundThatIsLongerOrShorterThanThePictureIsSaid) {
  const auto longer = make(apart("-t 1", "") + " -c:v copy", "longer.mp4");
  EXPECT_THAT(evaluate(of(longer)).warnings,
              testing::ElementsAre(testing::HasSubstr("The sound of longer.mp4 is")));
  const auto shorter = make(apart("-t 1.6", "-t 1") + " -c:v copy", "shorter.mp4");
  EXPECT_THAT(evaluate(of(shorter)).warnings,
              testing::ElementsAre(testing::HasSubstr("The sound of shorter.mp4 is")));
}

TEST_F(EvalTest, SlowVideosAreMeasuredFromEightFramesASecond) {
  const auto at = [&](const std::string& fps) {
    return evaluate(of(make("-i '" + kGrid.string() + "' -vf fps=" + fps, fps + " fps.mp4")));
  };
  for (const char* fps : {"12", "8"}) {
    const EvaluationReport report = at(fps);
    EXPECT_NEAR(value(report, "sync.offset_frames").value(), 0, 1) << fps;
    EXPECT_GT(value(report, "sync.margin").value(), kInSyncMargin) << fps;
  }
  EXPECT_THAT(why(at("6"), "sync.offset_frames"), testing::HasSubstr("8 a second"));
}

TEST_F(EvalTest, OneFrameHasNoRate) {
  const auto one = make("-i '" + kGrid.string() + "' -t 1 -frames:v 1", "one.mp4");
  const EvaluationReport report = evaluate(of(one));
  for (const char* name : {"stream.fps", "stream.duration_difference_ms", "stream.dropped_frames"})
    EXPECT_EQ(why(report, name), "the video has only one frame") << name;
  EXPECT_EQ(report.video.frames, 1);
  EXPECT_GT(report.video.duration_s, 0);
}

TEST_F(EvalTest, TimesThatDoNotRiseAreCounted) {
  const auto good = make("-i '" + kGrid.string() + "' -t 0.8 -bf 0", "good.mp4");
  const auto back = make("-i '" + good.string() +
                             "' -c copy "
                             "-bsf:v \"setts=dts=DTS:pts='PTS+if(eq(N,9),3,0)*DURATION'\"",
                         "back.mp4");
  EXPECT_EQ(value(evaluate(of(back)), "stream.pts_errors"), 1);
}

TEST_F(EvalTest, AFaceThatComesLateInTheReferenceIsFound) {
  const auto late = make("-f lavfi -i color=gray:s=256x256:r=25:d=2 -t 0.6 -i '" + kGrid.string() +
                             "' -filter_complex "
                             "'[1:v]scale=256:256,setsar=1[b];[0:v]setsar=1[a];[a][b]concat' -an",
                         "late.mp4");
  EvalOptions options = of(make("-i '" + kGrid.string() + "' -t 2.2", "video.mp4"));
  options.reference = late;
  const EvaluationReport report = evaluate(options);
  EXPECT_GT(value(report, "identity.worst").value(), 0.8);
  EXPECT_TRUE(value(report, "picture.mouth_sharpness"));
  EXPECT_THAT(report.warnings, testing::Contains("late.mp4 has no sound: sync, silence and closure "
                                                 "have no real figures."));
}

TEST_F(EvalTest, AVideoWithoutReferenceInItsFolderIsWarnedOf) {
  EvalOptions options = of(make("-i '" + kGrid.string() + "' -t 0.4", "alone.mp4"));
  options.reference_dir = folder_ / "real";
  std::vector<std::string> logged;
  const EvaluationReport report =
      evaluate(options, {}, [&](LogLevel, std::string_view text) { logged.emplace_back(text); });
  EXPECT_THAT(report.warnings, testing::ElementsAre(testing::HasSubstr("without a reference")));
  EXPECT_THAT(logged, testing::ElementsAre(testing::HasSubstr("alone.mp4")));
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
  options.face = FaceChoice::kIndex;
  options.face_index = 1;
  options.reference = kGrid;  // has but one
  EXPECT_TRUE(value(evaluate(options), "lips.distance"));
}

TEST_F(EvalTest, BadInputIsNamed) {
  const auto grey = make("-f lavfi -i color=gray:s=320x240:d=1", "grey.mp4");
  EXPECT_THAT(error_of(of(grey)),
              testing::AllOf(testing::HasSubstr("grey.mp4"), testing::HasSubstr("no face")));
  EXPECT_THAT(error_of(of(folder_ / "missing.mp4")), testing::HasSubstr("missing.mp4"));
  const auto picture = make("-i '" + kGrid.string() + "' -frames:v 1", "one.png");
  EXPECT_THAT(error_of(of(picture)), testing::HasSubstr("one.png: is a picture"));
  EvalOptions options = of(kGrid);
  options.reference = grey;
  EXPECT_THAT(error_of(options),
              testing::AllOf(testing::HasSubstr("grey.mp4"), testing::HasSubstr("25 frames")));
  options.reference = picture;
  EXPECT_THAT(error_of(options), testing::HasSubstr("one.png: is a picture"));
  options = of(kGrid);
  options.source = grey;
  EXPECT_THAT(error_of(options), testing::HasSubstr("no face found in the source"));
  options = of(kGrid);
  options.audio = grey;
  EXPECT_THAT(error_of(options),
              testing::AllOf(testing::HasSubstr("grey.mp4"), testing::HasSubstr("no sound")));
  options = of(kGrid);
  options.compute.threads = -1;
  EXPECT_THAT(error_of(options, ErrorCode::kUsage), testing::HasSubstr("threads"));
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
  const auto third_frame = [](auto, std::int64_t done, auto) { return done < 3; };
  EXPECT_NE(error_of(of(kGrid), ErrorCode::kInterrupted, third_frame), "");
}

TEST_F(EvalTest, AStopRequestEndsTheHearingOfALongSound) {
  EvalOptions options = of(kGrid);
  options.audio = make("-f lavfi -i anoisesrc=d=1500:r=16000", "long.wav");
  options.phones = true;
  std::stop_source stop;
  stop.request_stop();
  const auto start = std::chrono::steady_clock::now();
  EXPECT_NE(error_of(options, ErrorCode::kInterrupted, {}, stop.get_token()), "");
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(20));
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
