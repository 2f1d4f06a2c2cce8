#include <gmock/gmock.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <random>

#include "session_fixture.h"
#include "visema/core/error.h"
#include "visema/landmarks/canonical_face.h"
#include "visema/landmarks/face_regions.h"
#include "visema/landmarks/face_tracker.h"
#include "visema/landmarks/head_pose.h"
#include "visema/media/audio_reader.h"
#include "visema/media/probe.h"

namespace visema::session {
namespace {

const std::filesystem::path kPortrait = kData / "portraits/photo-front-1.jpg";
const std::filesystem::path kSpeech = kData / "speech/lj-1.flac";
// A validation speaker: in no training pack.
const std::filesystem::path kClip = kData / "full/talkvid-1080p-1.mp4";

/// A vowel-like buzz in syllables of 0.4 s.
std::vector<float> babble(double seconds, int rate_hz) {
  std::vector<float> samples(static_cast<std::size_t>(seconds * rate_hz));
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const double t = static_cast<double>(i) / rate_hz;
    const double syllable = std::max(0.0, std::sin(2 * M_PI * t / 0.4));
    double buzz = 0;
    for (int harmonic = 1; harmonic < 24; ++harmonic) {
      const double hz = 120.0 * harmonic;
      const double formant = std::exp(-std::pow((hz - 750) / 300, 2)) +
                             0.5 * std::exp(-std::pow((hz - 1250) / 300, 2));
      buzz += formant * std::sin(2 * M_PI * hz * t);
    }
    samples[i] = static_cast<float>(0.12 * syllable * buzz);
  }
  return samples;
}

/// Four seconds of a file's speech, with two seconds of silence in the middle.
std::vector<float> speech_around_silence(const std::filesystem::path& path) {
  std::vector<float> samples;
  AudioReader reader(path, {16000, 1});
  while (auto block = reader.read())
    samples.insert(samples.end(), block->samples.begin(), block->samples.end());
  samples.resize(std::size_t{4} * 16000);
  samples.insert(samples.begin() + 2 * 16000, std::size_t{2} * 16000, 0.0F);
  return samples;
}

/// Inner-lip gap of every frame, canonical units.
std::vector<double> mouth_gaps(const std::filesystem::path& video) {
  FaceTracker tracker(built_models().models, FaceTrackerOptions{.smooth = false});
  std::vector<double> gaps;
  for (const VideoFrame& frame : all_frames(video)) {
    const auto face = tracker.track(frame);
    gaps.push_back(face ? inner_lip_gap(stabilise(face->mesh, face->pose))
                        : (gaps.empty() ? 0 : gaps.back()));
  }
  return gaps;
}

double mean(const std::vector<double>& values, std::size_t from, std::size_t to) {
  double sum = 0;
  for (std::size_t i = from; i < to; ++i) sum += values.at(i);
  return sum / static_cast<double>(to - from);
}

TEST_F(SessionTest, PortraitSpeaksForAsLongAsTheSound) {
  if (!has(kPortrait)) GTEST_SKIP() << "shared clips are not here";
  const RenderReport report = render(options(kPortrait, kSpeech, "talk here \xC3\xA4.mp4"));
  const auto out = folder_ / "talk here \xC3\xA4.mp4";
  SampleIndex samples = 0;
  AudioReader audio(kSpeech);
  while (auto block = audio.read()) samples += block->size();

  const MediaInfo info = probe(out, ProbeDepth::kDecoded);
  const StreamInfo* picture = info.first(StreamKind::kVideo);
  const StreamInfo* sound = info.first(StreamKind::kAudio);
  ASSERT_TRUE(picture != nullptr && sound != nullptr);
  EXPECT_EQ(picture->frames, frames_covering(samples, audio.info().rate_hz, {25, 1}));
  EXPECT_EQ(picture->frames, report.frames);
  const double one_audio_frame = 1024.0 / audio.info().rate_hz;
  EXPECT_NEAR(picture->start_time_s, sound->start_time_s, one_audio_frame);
  EXPECT_NEAR(sound->duration_s, static_cast<double>(samples) / audio.info().rate_hz,
              one_audio_frame);
  EXPECT_EQ(report.stages.count("render"), 1U);
  EXPECT_GT(report.realtime_factor, 0);
}

TEST_F(SessionTest, MouthMovesInSpeechAndRestsInSilence) {
  if (!has(kPortrait)) GTEST_SKIP() << "shared clips are not here";
  const auto wav = folder_ / "speech.wav";
  write_wav(wav, speech_around_silence(kSpeech), 16000);
  RenderOptions still = options(kPortrait, wav);
  still.head_motion = HeadMotion::kNone;
  still.blink = false;
  render(still);
  const auto gaps = mouth_gaps(still.out);
  ASSERT_EQ(gaps.size(), 150U);
  const double silent = mean(gaps, 62, 95);
  const double speaking = (mean(gaps, 8, 48) + mean(gaps, 106, 146)) / 2;
  RecordProperty("gap_silent", std::to_string(silent));
  RecordProperty("gap_speaking", std::to_string(speaking));
  EXPECT_LT(silent, 0.03);
  EXPECT_GT(speaking, silent + 0.02);
}

TEST_F(SessionTest, MouthFollowsTheRealPersonOnAHeldOutClip) {
  if (!has(kClip)) GTEST_SKIP() << "shared clips are not here";
  RenderOptions dub = options(kClip, kClip);
  dub.fps = "source";
  render(dub);
  const double r = correlation(mouth_gaps(dub.out), mouth_gaps(kClip));
  RecordProperty("openness_correlation", std::to_string(r));
  std::printf("openness correlation with the real person: %.3f\n", r);
  EXPECT_GT(r, 0.2);
}

TEST_F(SessionTest, PixelsFarFromTheFaceAreTheSources) {
  if (!has(kClip)) GTEST_SKIP() << "shared clips are not here";
  RenderOptions dub = options(kClip, kSpeech, "out.mkv");
  dub.crf = 0;  // lossless, so that what differs was rendered
  dub.fps = "source";
  render(dub, [](std::string_view stage, std::int64_t done, std::int64_t) {
    return stage != "render" || done < 5;
  });
  const auto made = all_frames(dub.out);
  const auto real = all_frames(kClip);
  ASSERT_GE(made.size(), 1U);
  const Image& a = made[0].image;
  const Image& b = real[0].image;
  ASSERT_EQ(a.width, b.width);
  FaceTracker tracker(built_models().models, FaceTrackerOptions{.smooth = false});
  const auto face = tracker.track(real[0]);
  ASSERT_TRUE(face);
  float y0 = 1e9F, y1 = 0, x0 = 1e9F, x1 = 0;
  for (const Point3& p : face->mesh) {
    x0 = std::min(x0, p.x);
    x1 = std::max(x1, p.x);
    y0 = std::min(y0, p.y);
    y1 = std::max(y1, p.y);
  }
  const float reach = std::max(x1 - x0, y1 - y0);
  int worst = 0;
  std::int64_t compared = 0;
  for (int y = 0; y < a.height; ++y)
    for (int x = 0; x < a.width; ++x) {
      if (x > x0 - reach && x < x1 + reach && y > y0 - reach && y < y1 + reach) continue;
      ++compared;
      for (int c = 0; c < 3; ++c) worst = std::max(worst, std::abs(a.at(x, y)[c] - b.at(x, y)[c]));
    }
  EXPECT_GT(compared, 1000);
  EXPECT_LE(worst, 8);  // chroma subsampling only
}

TEST_F(SessionTest, AvatarGivesTheSamePictureAsItsSource) {
  if (!has(kClip)) GTEST_SKIP() << "shared clips are not here";
  const auto wav = folder_ / "short.wav";
  write_wav(wav, babble(0.6, 16000), 16000);
  EnrollOptions enrolling;
  enrolling.source = kClip;
  enrolling.out = folder_ / "anna.avatar";
  enrolling.models = built_models();
  enroll(enrolling);
  RenderOptions direct = options(kClip, wav, "direct.mp4");
  RenderOptions enrolled = options({}, wav, "enrolled.mp4");
  enrolled.avatar = enrolling.out;
  render(direct);
  render(enrolled);
  const auto a = all_frames(direct.out);
  const auto b = all_frames(enrolled.out);
  ASSERT_EQ(a.size(), b.size());
  EXPECT_EQ(a.back().image.rgb, b.back().image.rgb);
}

TEST_F(SessionTest, DamagedAvatarIsRefused) {
  if (!has(kPortrait)) GTEST_SKIP() << "shared clips are not here";
  EnrollOptions enrolling;
  enrolling.source = kPortrait;
  enrolling.out = folder_ / "anna.avatar";
  enrolling.models = built_models();
  enroll(enrolling);
  {
    std::fstream file(enrolling.out, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(-100, std::ios::end);
    file.put('\x5A');
    file.put('\xA5');
  }
  RenderOptions broken = options({}, kSpeech);
  broken.avatar = enrolling.out;
  try {
    render(broken);
    FAIL() << "a damaged avatar was accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kInput);
    EXPECT_THAT(describe(error), testing::HasSubstr("anna.avatar"));
  }
  EXPECT_FALSE(std::filesystem::exists(broken.out));
}

TEST_F(SessionTest, BadInputIsNamedAndNothingIsWritten) {
  const auto wav = folder_ / "speech.wav";
  write_wav(wav, babble(0.5, 16000), 16000);
  const auto text = folder_ / "text.wav";
  std::ofstream(text) << "this is no sound";
  const auto empty = folder_ / "empty.wav";
  std::ofstream(empty).flush();
  struct Case {
    std::filesystem::path source, audio;
    ErrorCode code;
    std::string names;
  };
  std::vector<Case> cases = {
      {folder_ / "missing.jpg", wav, ErrorCode::kInput, "missing.jpg"},
      {wav, wav, ErrorCode::kInput, "speech.wav"},
      {text, wav, ErrorCode::kInput, "text.wav"},
  };
  if (has(kPortrait)) {
    cases.push_back({kPortrait, text, ErrorCode::kInput, "text.wav"});
    cases.push_back({kPortrait, empty, ErrorCode::kInput, "empty.wav"});
    cases.push_back({kPortrait, kPortrait, ErrorCode::kInput, "photo-front-1.jpg"});
    cases.push_back(
        {kData / "portraits/noface-landscape.jpg", wav, ErrorCode::kInput, "noface-landscape"});
  }
  for (const Case& one : cases) {
    const RenderOptions bad = options(one.source, one.audio);
    try {
      render(bad);
      ADD_FAILURE() << one.names << " was accepted";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), one.code) << describe(error);
      EXPECT_THAT(describe(error), testing::HasSubstr(one.names));
    }
    EXPECT_FALSE(std::filesystem::exists(bad.out));
  }
}

TEST_F(SessionTest, AFaceThatIsNotThereIsToldFromNone) {
  if (!has(kPortrait)) GTEST_SKIP() << "shared clips are not here";
  const auto wav = folder_ / "speech.wav";
  write_wav(wav, babble(0.5, 16000), 16000);
  RenderOptions wrong = options(kPortrait, wav);
  wrong.face = FaceChoice::kIndex;
  wrong.face_index = 5;
  try {
    render(wrong);
    ADD_FAILURE() << "a sixth face was found";
  } catch (const Error& error) {
    EXPECT_THAT(describe(error),
                testing::HasSubstr("no face 5 in the picture: at most 1 face was found"));
  }
}

TEST_F(SessionTest, InterruptedRenderIsPlayable) {
  if (!has(kPortrait)) GTEST_SKIP() << "shared clips are not here";
  const RenderOptions long_one = options(kPortrait, kSpeech);
  const RenderReport report =
      render(long_one, [](std::string_view stage, std::int64_t done, std::int64_t) {
        return stage != "render" || done < 10;
      });
  EXPECT_TRUE(report.interrupted);
  EXPECT_GE(report.frames, 10);
  EXPECT_EQ(all_frames(long_one.out).size(), static_cast<std::size_t>(report.frames));
}

/// Behind the person, in every frame; the person keeps what it had.
TEST_F(SessionTest, WhatIsBehindThePersonCanBeChosen) {
  const std::filesystem::path portrait = VISEMA_SOURCE_DIR "/.cache/demo/astronaut.png";
  if (!has(portrait)) GTEST_SKIP() << portrait << " is not there";
  write_wav(folder_ / "a.wav", babble(0.4, 16000), 16000);
  RenderOptions kept = options(portrait, folder_ / "a.wav", "kept.mkv");
  RenderOptions blue = options(portrait, folder_ / "a.wav", "blue.mkv");
  RenderOptions none = options(portrait, folder_ / "a.wav", "none.webm");
  for (RenderOptions* each : {&kept, &blue, &none}) {
    each->crf = 10;
    each->preset = "ultrafast";
  }
  blue.background = "#2020e0";
  none.background = "none";
  render(kept);
  render(blue);
  render(none);
  const auto before = all_frames(kept.out), after = all_frames(blue.out);
  ASSERT_EQ(after.size(), 10U);
  ASSERT_EQ(before.size(), 10U);
  for (std::size_t i = 0; i < after.size(); ++i) {
    const std::uint8_t* corner = after[i].image.at(20, 20);
    EXPECT_NEAR(corner[0], 0x20, 6) << i;
    EXPECT_NEAR(corner[2], 0xe0, 6) << i;
    for (int c = 0; c < 3; ++c)
      EXPECT_NEAR(after[i].image.at(225, 130)[c], before[i].image.at(225, 130)[c], 12) << i;
  }
  EXPECT_EQ(all_frames(none.out).size(), 10U);
}

TEST_F(SessionTest, ABackgroundThatCannotBeReadIsNamed) {
  const std::filesystem::path portrait = VISEMA_SOURCE_DIR "/.cache/demo/astronaut.png";
  if (!has(portrait)) GTEST_SKIP() << portrait << " is not there";
  write_wav(folder_ / "a.wav", babble(0.2, 16000), 16000);
  RenderOptions wrong = options(portrait, folder_ / "a.wav");
  wrong.background = (folder_ / "a.wav").string();
  try {
    render(wrong);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kInput);
    EXPECT_THAT(error.what(), testing::HasSubstr("a.wav: the background cannot be read; must be"));
  }
  wrong.background = "none";
  EXPECT_THROW(render(wrong), Error) << "mp4 has no transparency";
}

}  // namespace
}  // namespace visema::session
