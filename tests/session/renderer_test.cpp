#include "visema/session/renderer.h"

#include <gmock/gmock.h>

#include <numbers>

#include "live_models.h"
#include "session_fixture.h"
#include "visema/core/error.h"
#include "visema/core/sha256.h"
#include "visema/session/doctor.h"

namespace visema::session {
namespace {

const std::filesystem::path kPortrait = kData / "portraits/photo-front-1.jpg";
constexpr int kRateHz = 16000;

class RendererTest : public SessionTest {
 protected:
  std::filesystem::path tone(const std::string& name, double seconds, double hz) const {
    std::vector<float> samples(static_cast<std::size_t>(seconds * kRateHz));
    for (std::size_t i = 0; i < samples.size(); ++i)
      samples[i] = static_cast<float>(
          0.3 * std::sin(2 * std::numbers::pi * hz * static_cast<double>(i) / kRateHz));
    write_wav(folder_ / name, samples, kRateHz);
    return folder_ / name;
  }
};

TEST_F(RendererTest, WhatOneJobLeavesBehindChangesNoOther) {
  if (!has(kPortrait)) GTEST_SKIP() << "shared clips are not here";
  Renderer renderer(built_models(), {});
  for (const auto& [name, seconds, hz] :
       {std::tuple{"a", 0.3, 150.0}, {"b", 0.2, 220.0}, {"c", 0.3, 150.0}}) {
    const auto sound = tone(std::string(name) + ".wav", seconds, hz);
    const RenderOptions together = options(kPortrait, sound, std::string(name) + "-1.mp4");
    const RenderOptions alone = options(kPortrait, sound, std::string(name) + "-2.mp4");
    EXPECT_EQ(renderer.render(together).frames, render(alone).frames);
    EXPECT_EQ(sha256_hex_of_file(together.out), sha256_hex_of_file(alone.out)) << name;
  }
}

TEST_F(RendererTest, AJobThatFailsLeavesItUsable) {
  if (!has(kPortrait)) GTEST_SKIP() << "shared clips are not here";
  Renderer renderer(built_models(), {});
  EXPECT_THROW(renderer.render(options(kPortrait, folder_ / "none.wav")), Error);
  EXPECT_EQ(renderer.render(options(kPortrait, tone("a.wav", 0.2, 150))).frames, 5);
}

TEST_F(RendererTest, TheLightGeneratorPaintsWhereItIsWanted) {
  if (!has(kPortrait)) GTEST_SKIP() << "shared clips are not here";
  RenderOptions light = options(kPortrait, tone("a.wav", 0.3, 150), "light.mkv");
  const RenderOptions standard = options(kPortrait, light.audio, "standard.mkv");
  light.models.quality = Quality::kLight;
  EXPECT_EQ(render(light).model_sha256,
            sha256_hex_of_file(built_models().weights / "renderer-light.safetensors"));
  EXPECT_EQ(render(standard).model_sha256,
            sha256_hex_of_file(built_models().weights / "renderer.safetensors"));
  const auto a = all_frames(light.out), b = all_frames(standard.out);
  ASSERT_EQ(a.size(), 8U);  // 0.3 s
  ASSERT_EQ(b.size(), 8U);
  EXPECT_NE(a.back().image.rgb, b.back().image.rgb);
  EXPECT_NE(render_models_sha256(light.models), render_models_sha256(standard.models));
}

TEST_F(RendererTest, OnlyTheGeneratorThatIsWantedMustBeThere) {
  std::filesystem::copy(built_models().weights, folder_ / "weights");
  std::filesystem::remove(folder_ / "weights/renderer-light.safetensors");
  ModelPaths copy{built_models().models, folder_ / "weights"};
  EXPECT_NO_THROW(require_models(copy, ModelUse::kRender));
  copy.quality = Quality::kLight;
  try {
    require_models(copy, ModelUse::kRender);
    ADD_FAILURE() << "accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kModel);
    EXPECT_THAT(error.what(), testing::HasSubstr("renderer-light.safetensors: missing"));
  }
}

TEST_F(RendererTest, ALiveRunOnOneThreadTakesTheLightOneUnlessAQualityIsNamed) {
  const auto quality = [](ModelPaths models, int threads, LivePace pace = LivePace::kRealTime) {
    return live_models(std::move(models), {"cpu", "fp32", threads}, pace, {}).quality;
  };
  ModelPaths models = built_models();
  EXPECT_EQ(quality(models, 1), Quality::kLight);
  EXPECT_EQ(quality(models, 2), std::nullopt);
  EXPECT_EQ(quality(models, 1, LivePace::kOff), std::nullopt);
  models.quality = Quality::kStandard;
  EXPECT_EQ(quality(models, 1), Quality::kStandard);
  EXPECT_EQ(quality({models.models, folder_}, 1), std::nullopt);
}

TEST_F(RendererTest, ALiveRunThatKeepsPaceHasAShortLookAhead) {
  const auto look_ahead = [](ModelPaths models, LivePace pace) {
    return live_models(std::move(models), {"cpu", "fp32", 2}, pace, {}).look_ahead;
  };
  const ModelPaths models = built_models();
  EXPECT_EQ(look_ahead(models, LivePace::kRealTime), LookAhead::kShort);
  EXPECT_EQ(look_ahead(models, LivePace::kOff), std::nullopt);
}

TEST_F(RendererTest, TheLookAheadChoosesTheSpeechNetwork) {
  if (!has(kPortrait)) GTEST_SKIP() << "shared clips are not here";
  const RenderOptions far = options(kPortrait, tone("a.wav", 0.3, 150), "far.mkv");
  RenderOptions near = options(kPortrait, far.audio, "near.mkv");
  near.models.look_ahead = LookAhead::kShort;
  render(far);
  render(near);
  const auto a = all_frames(far.out), b = all_frames(near.out);
  ASSERT_EQ(a.size(), 8U);  // 0.3 s
  ASSERT_EQ(b.size(), 8U);
  EXPECT_NE(a.back().image.rgb, b.back().image.rgb);
  EXPECT_NE(render_models_sha256(far.models), render_models_sha256(near.models));

  std::filesystem::copy(built_models().weights, folder_ / "weights");
  std::filesystem::remove(folder_ / "weights/speech-live.safetensors");
  ModelPaths copy{built_models().models, folder_ / "weights"};
  EXPECT_NO_THROW(require_models(copy, ModelUse::kRender));
  copy.look_ahead = LookAhead::kShort;
  EXPECT_THROW(require_models(copy, ModelUse::kRender), Error);
  copy = {folder_ / "models", built_models().weights};
  std::filesystem::copy(built_models().models, copy.models);
  std::filesystem::remove(copy.models / "speech_encoder.safetensors");
  EXPECT_THROW(require_models(copy, ModelUse::kRender), Error);
  EXPECT_THROW(require_models(copy, ModelUse::kPrepare), Error);
  copy.look_ahead = LookAhead::kShort;
  EXPECT_NO_THROW(require_models(copy, ModelUse::kRender));
}

TEST_F(RendererTest, HashOfTheNetworksFollowsTheirContent) {
  std::filesystem::copy(built_models().weights, folder_ / "weights");
  const ModelPaths copy{built_models().models, folder_ / "weights"};
  const std::string before = render_models_sha256(copy);
  EXPECT_EQ(before, render_models_sha256(built_models()));
  std::filesystem::copy_file(folder_ / "weights/sync.safetensors",
                             folder_ / "weights/speech.safetensors",
                             std::filesystem::copy_options::overwrite_existing);
  EXPECT_NE(before, render_models_sha256(copy));
  EXPECT_NE(enroll_models_sha256(copy), enroll_models_sha256(built_models()));
}

}  // namespace
}  // namespace visema::session
