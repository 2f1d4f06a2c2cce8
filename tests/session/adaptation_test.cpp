#include <gmock/gmock.h>

#include <cstdlib>
#include <nlohmann/json.hpp>

#include "presenter.h"
#include "session_fixture.h"
#include "tensor_file_bytes.h"
#include "visema/core/error.h"
#include "visema/landmarks/avatar.h"
#include "visema/session/model.h"
#include "visema/session/renderer.h"

namespace visema::session {
namespace {

using testing::HasSubstr;

const std::filesystem::path kTalking = kData / "clips/voxceleb/0002.mp4";  // 5 s, 224x224
const std::filesystem::path kShort = kData / "clips/arabic-news/0001.mp4";
const std::filesystem::path kPortrait = kData / "portraits/photo-front-1.jpg";

/// Enrols one talking person once for all tests, with a few steps of adaptation.
class AdaptationTest : public SessionTest {
 protected:
  static void TearDownTestSuite() { std::filesystem::remove_all(shared_); }

  void SetUp() override {
    SessionTest::SetUp();
    if (IsSkipped()) return;
    if (!has(kTalking)) GTEST_SKIP() << "shared clips are not here";
    if (!shared_.empty()) return;
    shared_ =
        std::filesystem::temp_directory_path() / ("visema-adaptation-" + std::to_string(getpid()));
    std::filesystem::create_directories(shared_);
    report_ = enroll(enrolment(kTalking, adapted()));
  }

  static std::filesystem::path adapted() { return shared_ / "adapted.avatar"; }

  static EnrollOptions enrolment(const std::filesystem::path& source,
                                 const std::filesystem::path& out) {
    EnrollOptions options;
    options.source = source;
    options.out = out;
    options.adapt.steps = 12;
    options.models = built_models();
    return options;
  }

  RenderOptions speaking(const std::filesystem::path& avatar, const std::string& out) const {
    const auto wav = folder_ / "tone.wav";
    std::vector<float> samples(4800);
    for (std::size_t i = 0; i < samples.size(); ++i)
      samples[i] =
          0.3F * static_cast<float>(std::sin(2 * M_PI * 180 * static_cast<double>(i) / 16000));
    write_wav(wav, samples, 16000);
    RenderOptions result = options({}, wav, out);
    result.avatar = avatar;
    result.crf = 0;
    return result;
  }

  /// The adapted avatar without its generator.
  std::filesystem::path plain() const {
    Avatar avatar = load_avatar(adapted());
    avatar.generator.clear();
    const auto path = folder_ / "plain.avatar";
    save_avatar(avatar, path);
    return path;
  }

  static std::string refusal(const std::function<void()>& act, ErrorCode code) {
    try {
      act();
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), code);
      return describe(error);
    }
    return "accepted";
  }

  static inline std::filesystem::path shared_;
  static inline EnrollReport report_;
};

TEST_F(AdaptationTest, FewStepsComeNearerToFramesThatWereNotLearned) {
  ASSERT_TRUE(report_.adapt);
  const AdaptReport& adapt = *report_.adapt;
  EXPECT_TRUE(adapt.kept);
  EXPECT_EQ(adapt.steps, 12);
  EXPECT_GE(adapt.held_out_frames, 8);
  EXPECT_GT(adapt.learning_frames, 50);
  EXPECT_LT(adapt.after.l1, adapt.before.l1);
  EXPECT_LT(adapt.after.mouth_l1, adapt.before.mouth_l1);
  EXPECT_GT(adapt.after.sharpness, adapt.before.sharpness - 0.02);
  const auto json = nlohmann::json::parse(to_json(report_));
  EXPECT_EQ(json["adapt"]["after"]["l1"], adapt.after.l1);
  EXPECT_EQ(json["frames"], 130);
}

TEST_F(AdaptationTest, TheSameStepsAndSeedGiveTheSameGenerator) {
  EnrollOptions again = enrolment(kTalking, folder_ / "again.avatar");
  enroll(again);
  const auto first = load_avatar(adapted()).generator;
  EXPECT_EQ(load_avatar(again.out).generator, first);
  EXPECT_EQ(static_cast<std::int64_t>(first.size()), report_.adapt->bytes);
}

TEST_F(AdaptationTest, AnAvatarKeepsItsGenerator) {
  const Avatar avatar = load_avatar(adapted());
  ASSERT_FALSE(avatar.generator.empty());
  save_avatar(avatar, folder_ / "copy.avatar");
  EXPECT_EQ(load_avatar(folder_ / "copy.avatar").generator, avatar.generator);
  EXPECT_THAT(inspect_model(adapted(), false), HasSubstr("generator: adapted to this face"));
  EXPECT_THAT(inspect_model(adapted(), false), HasSubstr("adapted_from"));
  EXPECT_THAT(inspect_model(plain(), false), HasSubstr("generator: that of the weights"));
}

TEST_F(AdaptationTest, RenderingUsesItUnlessTheWeightsAreWanted) {
  const RenderOptions own = speaking(adapted(), "own.mkv");
  RenderOptions named = speaking(adapted(), "named.mkv");
  named.own_generator = false;
  const RenderOptions without = speaking(plain(), "without.mkv");
  std::string said;
  EXPECT_TRUE(render(own).model_adapted);
  EXPECT_FALSE(
      render(named, {}, [&](LogLevel, std::string_view text) { said += text; }).model_adapted);
  EXPECT_FALSE(render(without).model_adapted);
  EXPECT_THAT(said, HasSubstr("gives way to the weights"));
  const auto a = all_frames(own.out), b = all_frames(named.out), c = all_frames(without.out);
  ASSERT_EQ(a.size(), 8U);
  ASSERT_EQ(b.size(), 8U);
  for (std::size_t i = 0; i < a.size(); ++i) {
    EXPECT_NE(a[i].image.rgb, b[i].image.rgb);
    EXPECT_EQ(b[i].image.rgb, c[i].image.rgb);
  }
}

TEST_F(AdaptationTest, FacesOfOneProcessKeepTheirOwnGenerators) {
  const PresenterNetworks networks(built_models(), {});
  const auto present = [&](const std::filesystem::path& avatar) {
    PresenterOptions options;
    options.avatar = avatar;
    options.models = built_models();
    return std::make_unique<Presenter>(networks, options, 16000, 1, Lanes::kOne, ProgressSink{},
                                       LogSink{}, std::stop_token{});
  };
  const auto anna = present(adapted()), other = present(plain()), again = present(adapted());
  EXPECT_TRUE(anna->model_is_own());
  EXPECT_FALSE(other->model_is_own());
  EXPECT_EQ(anna->model().sha256, again->model().sha256);
  EXPECT_NE(anna->model().sha256, other->model().sha256);
  EXPECT_EQ(other->model().sha256, networks.generator.info().sha256);
}

TEST_F(AdaptationTest, AGeneratorOfAnotherVersionIsRefused) {
  const TensorFile weights = TensorFile::from_bytes(load_avatar(adapted()).generator);
  std::map<std::string, Tensor> tensors;
  for (const std::string& name : weights.names()) tensors[name] = weights.get(name);
  auto metadata = weights.metadata();
  metadata["version"] = "1";
  Avatar avatar = load_avatar(adapted());
  avatar.generator = tensor_file_bytes(tensors, metadata);
  save_avatar(avatar, folder_ / "old.avatar");
  const RenderOptions options = speaking(folder_ / "old.avatar", "out.mkv");
  const std::string said = refusal([&] { render(options); }, ErrorCode::kInput);
  EXPECT_THAT(said, HasSubstr("old.avatar: its own generator"));
  EXPECT_THAT(said, HasSubstr("version \"1\""));
  EXPECT_FALSE(std::filesystem::exists(options.out));
}

TEST_F(AdaptationTest, PicturesAndShortVideosAreRefused) {
  if (!has(kPortrait) || !has(kShort)) GTEST_SKIP() << "shared clips are not here";
  const auto out = folder_ / "no.avatar";
  EXPECT_THAT(refusal([&] { enroll(enrolment(kPortrait, out)); }, ErrorCode::kUsage),
              HasSubstr("photo-front-1.jpg: a picture shows one mouth only"));
  EXPECT_THAT(refusal([&] { enroll(enrolment(kShort, out)); }, ErrorCode::kInput),
              HasSubstr("0001.mp4"));
  EXPECT_TRUE(std::filesystem::is_empty(folder_));
}

TEST_F(AdaptationTest, AnInterruptionLeavesNothing) {
  EnrollOptions options = enrolment(kTalking, folder_ / "none.avatar");
  options.adapt.steps = 1000;
  const auto stop_midway = [](std::string_view stage, std::int64_t done, std::int64_t) {
    return stage != "adapt" || done < 2;
  };
  EXPECT_THAT(refusal([&] { enroll(options, stop_midway); }, ErrorCode::kInterrupted),
              HasSubstr("interrupted while the generator was adapted"));
  EXPECT_TRUE(std::filesystem::is_empty(folder_));
}

}  // namespace
}  // namespace visema::session
