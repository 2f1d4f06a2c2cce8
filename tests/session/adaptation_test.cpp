#include <gmock/gmock.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <thread>
#include <utility>

#include "painter.h"
#include "presenter.h"
#include "session_fixture.h"
#include "tensor_file_bytes.h"
#include "visema/adaptation/generator_adapter.h"
#include "visema/core/error.h"
#include "visema/core/sha256.h"
#include "visema/landmarks/avatar.h"
#include "visema/session/model.h"
#include "visema/session/renderer.h"

namespace visema::session {
namespace {

using testing::HasSubstr;

const std::filesystem::path kTalking = kData / "clips/voxceleb/0002.mp4";  // 5 s, 224x224
const std::filesystem::path kShort = kData / "clips/arabic-news/0001.mp4";
const std::filesystem::path kPortrait = kData / "portraits/photo-front-1.jpg";

AdaptationFigures figures_of(const AdaptFigures& figures) {
  return {figures.l1, figures.mouth_l1, figures.psnr_db, figures.sharpness};
}

/// A weight file with other vectors than the installed one, and so other pictures.
std::vector<std::byte> other_generator() {
  const TensorFile weights = TensorFile::open(built_models().weights / "renderer.safetensors");
  std::map<std::string, std::vector<float>> vectors;
  std::map<std::string, Tensor> tensors;
  for (const std::string& name : weights.names()) {
    const Tensor tensor = tensors[name] = weights.get(name);
    if (tensor.dtype != "F32") continue;
    std::vector<float>& values = vectors[name] = weights.floats(name);
    for (float& value : values) value += 0.02F;
    tensors[name] = view_of(std::span<const float>(values), tensor.shape);
  }
  auto metadata = weights.metadata();
  nlohmann::json card;
  card["adapted_from"] = weights.sha256();
  metadata["card"] = card.dump();
  return tensor_file_bytes(tensors, metadata);
}

std::string version_of(const std::filesystem::path& avatar) {
  return TensorFile::open(avatar).metadata().at("version");
}

/// Tracks one talking person once for all tests, and gives a copy a generator of its own without
/// any training: whether a few steps of that are better is not what most of them are about.
class AdaptationTest : public SessionTest {
 protected:
  static void TearDownTestSuite() { std::filesystem::remove_all(shared()); }

  void SetUp() override {
    SessionTest::SetUp();
    if (IsSkipped()) return;
    if (!has(kTalking)) GTEST_SKIP() << "shared clips are not here";
    if (ready_) return;
    std::filesystem::create_directories(shared());
    EnrollOptions options = enrolment(kTalking, plain());
    options.adapt = {};
    enroll(options);
    Avatar avatar = load_avatar(plain());
    avatar.generator = other_generator();
    save_avatar(avatar, adapted());
    ready_ = true;
  }

  static std::filesystem::path shared() {
    return std::filesystem::temp_directory_path() /
           ("visema-adaptation-" + std::to_string(getpid()));
  }
  static std::filesystem::path plain() { return shared() / "plain.avatar"; }
  static std::filesystem::path adapted() { return shared() / "adapted.avatar"; }
  static std::filesystem::path trained() { return shared() / "trained.avatar"; }

  /// Twelve steps of training into trained(), once for all tests.
  static const EnrollReport& training_report() {
    if (!training_) training_ = enroll(enrolment(kTalking, trained()));
    return *training_;
  }

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

  static std::string refusal(const std::function<void()>& act, ErrorCode code) {
    try {
      act();
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), code);
      return describe(error);
    }
    return "accepted";
  }

  static inline bool ready_ = false;
  static inline std::optional<EnrollReport> training_;
};

TEST_F(AdaptationTest, WhatIsKeptComesNearerToFramesThatWereNotLearned) {
  const EnrollReport& report = training_report();
  ASSERT_TRUE(report.adapt);
  const AdaptReport& adapt = *report.adapt;
  EXPECT_EQ(adapt.steps, 12);
  EXPECT_GE(adapt.held_out_frames, 8);
  EXPECT_GE(adapt.learning_frames, 40);
  const std::vector<std::byte> generator = load_avatar(trained()).generator;
  EXPECT_EQ(static_cast<std::int64_t>(generator.size()), adapt.bytes);
  // Twelve steps may end either way.
  EXPECT_EQ(adapt.kept, is_better(figures_of(adapt.after), figures_of(adapt.before)));
  EXPECT_EQ(adapt.kept, !generator.empty());
  EXPECT_EQ(version_of(trained()), adapt.kept ? "2" : "1");
  const auto json = nlohmann::json::parse(to_json(report));
  EXPECT_EQ(json["adapt"]["kept"], adapt.kept);
  EXPECT_EQ(json["adapt"]["after"]["l1"], adapt.after.l1);
  EXPECT_EQ(json["frames"], 130);
}

TEST_F(AdaptationTest, TheSameStepsAndSeedGiveTheSameGenerator) {
  const AdaptReport& first = training_report().adapt.value();
  const EnrollOptions again = enrolment(kTalking, folder_ / "again.avatar");
  const AdaptReport second = enroll(again).adapt.value();
  EXPECT_EQ(second.kept, first.kept);
  EXPECT_EQ(second.after.l1, first.after.l1);
  EXPECT_EQ(second.after.mouth_l1, first.after.mouth_l1);
  EXPECT_EQ(load_avatar(again.out).generator, load_avatar(trained()).generator);
}

TEST_F(AdaptationTest, AnAvatarKeepsItsGenerator) {
  const Avatar avatar = load_avatar(adapted());
  ASSERT_FALSE(avatar.generator.empty());
  save_avatar(avatar, folder_ / "copy.avatar");
  EXPECT_EQ(load_avatar(folder_ / "copy.avatar").generator, avatar.generator);
  EXPECT_EQ(version_of(folder_ / "copy.avatar"), "2");
  EXPECT_EQ(version_of(plain()), "1");
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

TEST_F(AdaptationTest, OfAnotherQualityItGivesWay) {
  const auto with = [&](std::optional<Quality> quality, const std::filesystem::path& avatar) {
    RenderOptions options = speaking(avatar, "out.mkv");
    options.models.quality = quality;
    const RenderReport report = render(options);
    return std::pair(report.model_adapted, report.model_sha256);
  };
  const auto sha256 = [](const char* name) {
    return TensorFile::open(built_models().weights / name).sha256();
  };
  EXPECT_TRUE(with(Quality::kStandard, adapted()).first);
  EXPECT_EQ(with(Quality::kLight, adapted()),
            std::pair(false, sha256("renderer-light.safetensors")));
  EXPECT_EQ(with(Quality::kLight, plain()), std::pair(false, sha256("renderer-light.safetensors")));
  EXPECT_EQ(with(Quality::kStandard, plain()), std::pair(false, sha256("renderer.safetensors")));
}

TEST_F(AdaptationTest, TheLightGeneratorCanBeAdaptedToo) {
  EnrollOptions options = enrolment(kTalking, folder_ / "light.avatar");
  options.adapt.steps = 3;
  options.models.quality = Quality::kLight;
  const AdaptReport report = enroll(options).adapt.value();
  EXPECT_EQ(report.steps, 3);
  EXPECT_NE(report.before.l1, training_report().adapt->before.l1);
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
  EXPECT_EQ(other->model().sha256, networks.generator->info().sha256);
}

TEST_F(AdaptationTest, APainterPaintsWithTheirOwnGenerators) {
  const PacketListener listener;
  Painter painter(PacketListener(FileDescriptor(dup(listener.number()))));
  std::atomic<bool> done = false;
  std::thread serves([&] {
    while (!done)
      if (painter.gather(10) > 0) painter.paint();
  });
  const ComputeOptions compute{"cpu", "fp32", 1};
  for (const auto& avatar : {adapted(), plain()}) {
    RenderOptions here = speaking(avatar, "here.mp4"), there = speaking(avatar, "there.mp4");
    here.compute = there.compute = compute;
    const RenderReport report = render(here);
    Renderer renderer(built_models(), compute, {listener.name(), true});
    const RenderReport painted = renderer.render(there);
    EXPECT_EQ(sha256_hex_of_file(there.out), sha256_hex_of_file(here.out));
    EXPECT_EQ(painted.model_sha256, report.model_sha256);
    EXPECT_EQ(painted.model_adapted, avatar == adapted());
    EXPECT_EQ(renderer.painted().pictures, painted.frames);
    EXPECT_LE(renderer.painted().calls, static_cast<double>(painted.frames));
  }
  done = true;
  serves.join();
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
              HasSubstr("--adapt needs 3 s"));
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

TEST_F(AdaptationTest, AnInterruptionWhileTheSourceIsReadAgainSaysSo) {
  bool asked = false;  // only the first answer is no
  const auto stop_once = [&](std::string_view stage, std::int64_t, std::int64_t) {
    return stage != "adapt" || std::exchange(asked, true);
  };
  const EnrollOptions options = enrolment(kTalking, folder_ / "none.avatar");
  EXPECT_THAT(refusal([&] { enroll(options, stop_once); }, ErrorCode::kInterrupted),
              HasSubstr("0002.mp4: interrupted while it was read again"));
  EXPECT_TRUE(std::filesystem::is_empty(folder_));
}

}  // namespace
}  // namespace visema::session
