// What `visema prepare` leaves out, on clips made worse from a good one.
#include <gmock/gmock.h>

#include <algorithm>
#include <fstream>
#include <functional>
#include <iterator>
#include <nlohmann/json.hpp>

#include "clip_quality.h"
#include "session_fixture.h"
#include "visema/media/audio_reader.h"
#include "visema/media/video_writer.h"
#include "visema/renderer/face_crop.h"
#include "visema/session/prepare.h"

namespace visema::session {
namespace {

using testing::HasSubstr;

constexpr int kRate = 16000;

/// Mean of the square around each pixel, `reach` pixels to each side.
Image blurred(const Image& image, int reach) {
  Image out(image.width, image.height);
  for (int y = 0; y < image.height; ++y)
    for (int x = 0; x < image.width; ++x)
      for (int c = 0; c < 3; ++c) {
        int sum = 0, count = 0;
        for (int j = std::max(0, y - reach); j <= std::min(image.height - 1, y + reach); ++j)
          for (int i = std::max(0, x - reach); i <= std::min(image.width - 1, x + reach); ++i) {
            sum += image.at(i, j)[c];
            ++count;
          }
        out.at(x, y)[c] = static_cast<std::uint8_t>(sum / count);
      }
  return out;
}

/// The picture at a fraction of its size.
Image shrunk(const Image& image, int divisor) {
  const Image soft = blurred(image, divisor / 2);
  Image out(image.width / divisor, image.height / divisor);
  for (int y = 0; y < out.height; ++y)
    for (int x = 0; x < out.width; ++x)
      std::copy_n(soft.at(x * divisor + divisor / 2, y * divisor + divisor / 2), 3, out.at(x, y));
  return out;
}

std::vector<float> sound_of(const std::filesystem::path& path) {
  AudioReader reader(path, {kRate, 1});
  std::vector<float> samples;
  while (auto block = reader.read())
    samples.insert(samples.end(), block->samples.begin(), block->samples.end());
  return samples;
}

class ClipLimitsTest : public SessionTest {
 protected:
  void SetUp() override {
    SessionTest::SetUp();
    if (!has(kData / "clips")) GTEST_SKIP() << "shared clips are not here";
    std::filesystem::create_directories(folder_ / "data");
    list_.open(folder_ / "data/clips.tsv");
    list_ << "path\tsource\tidentity\tsound\n";
  }

  static std::filesystem::path clip(const std::string& name) {
    return std::filesystem::absolute(kData) / "clips" / (name + ".mp4");
  }

  /// A clip of the first frames of another, each changed, with any sound.
  void make(const std::string& name, const std::filesystem::path& picture, std::size_t frames,
            const std::function<Image(const Image&)>& change, std::vector<float> sound) {
    const bool talks = !sound.empty();
    VideoReader reader(picture);
    std::unique_ptr<VideoWriter> writer;
    for (std::size_t i = 0; i < frames; ++i) {
      auto frame = reader.read();
      if (!frame) break;
      const Image image = change(frame->image);
      if (!writer) {
        VideoWriterOptions options;
        options.width = image.width;
        options.height = image.height;
        options.fps = {25, 1};
        options.audio_rate_hz = talks ? kRate : 0;
        options.audio_channels = talks ? 1 : 0;
        writer = std::make_unique<VideoWriter>(folder_ / "data" / (name + ".mp4"), options);
      }
      writer->write_video(image);
    }
    if (talks) writer->write_audio({0, kRate, 1, std::move(sound)});
    writer->finish();
    list(name, name + ".mp4", talks);
  }

  void list(const std::string& person, const std::filesystem::path& path, bool sound) {
    list_ << path.string() << "\tmade\t" << person << '\t' << (sound ? "own" : "none") << '\n'
          << std::flush;
  }

  /// pack.json of a run.
  nlohmann::json prepared(const ClipLimits& limits = {}) {
    PrepareOptions options;
    options.data = folder_ / "data";
    options.out = folder_ / "pack";
    options.workers = 2;
    options.models = built_models();
    options.limits = limits;
    report_ = prepare(options);
    std::ifstream file(folder_ / "pack/pack.json");
    return nlohmann::json::parse(file);
  }

  static nlohmann::json of_person(const nlohmann::json& pack, const std::string& person) {
    for (const auto& line : pack["clips"])
      if (line["person"] == person) return line;
    return {};
  }

  PrepareReport report_;
  std::ofstream list_;
};

Image same(const Image& image) {
  return image;
}

TEST_F(ClipLimitsTest, BlurredAndSmallFacesAreLeftOut) {
  const auto good = clip("grid-s1/0003");
  const auto silent = std::vector<float>();
  make("good", good, 40, same, silent);
  make(
      "blurred", good, 40, [](const Image& image) { return blurred(image, 6); }, silent);
  make(
      "small", good, 40, [](const Image& image) { return shrunk(image, 2); }, silent);
  ClipLimits limits;
  limits.min_face_px = 50;
  const auto pack = prepared(limits);
  EXPECT_EQ(report_.clips, 1);
  EXPECT_EQ(report_.dropped, 2);
  ASSERT_EQ(pack["dropped"].size(), 2U);
  EXPECT_THAT(pack["dropped"][0]["why"].get<std::string>(), HasSubstr("blurred: sharpness 0.0"));
  EXPECT_THAT(pack["dropped"][1]["why"].get<std::string>(), HasSubstr("px between the eyes"));
  const auto line = of_person(pack, "good");
  EXPECT_EQ(line["tracked_share"], 1.0);
  EXPECT_GT(line["face_px"], 60);
  EXPECT_GT(line["sharpness"], 0.06);
  EXPECT_FALSE(line.contains("sync_margin"));

  ClipLimits none;
  none.min_sharpness = none.min_face_px = 0;
  const auto all = prepared(none);
  EXPECT_EQ(report_.dropped, 0);
  EXPECT_NEAR(of_person(all, "small")["face_px"].get<double>() * 2,
              of_person(all, "good")["face_px"].get<double>(), 6);
  EXPECT_LT(of_person(all, "blurred")["sharpness"], 0.04);
}

TEST_F(ClipLimitsTest, LateAndForeignSoundIsNoticed) {
  const auto good = clip("grid-s1/0003");
  const std::vector<float> own = sound_of(good);
  std::vector<float> late(kRate / 5, 0.0F);  // five frames
  late.insert(late.end(), own.begin(), own.end());
  make("own", good, 75, same, own);
  make("late", good, 75, same, late);
  make("foreign", good, 75, same, sound_of(clip("grid-s4/0001")));
  ClipLimits limits;
  limits.min_sync_seconds = 1;
  limits.min_sync_margin = 0.08;
  limits.max_sync_offset = 3;
  const auto pack = prepared(limits);
  EXPECT_EQ(report_.clips, 3);
  EXPECT_EQ(report_.silenced, 2);
  const auto kept = of_person(pack, "own"), moved = of_person(pack, "late"),
             foreign = of_person(pack, "foreign");
  EXPECT_EQ(kept["sound"], "own");
  EXPECT_GT(kept["sync_margin"], 0.08);
  EXPECT_GT(kept["sync_seconds"], 1);
  EXPECT_EQ(moved["sync_offset_frames"].get<int>(), kept["sync_offset_frames"].get<int>() + 5);
  EXPECT_EQ(moved["sound"], "none");
  EXPECT_THAT(moved["sound_left_out"].get<std::string>(), HasSubstr("frames late"));
  EXPECT_EQ(foreign["sound"], "none");
  EXPECT_LT(foreign["sync_evidence"], kept["sync_evidence"]);
  EXPECT_THAT(foreign["sound_left_out"].get<std::string>(), HasSubstr("margin"));
  std::ifstream file(folder_ / "pack/DATA_CARD.md");
  const std::string card((std::istreambuf_iterator<char>(file)), {});
  EXPECT_THAT(card, HasSubstr("## Without their sound"));
  EXPECT_THAT(card, HasSubstr("| made/foreign | "));

  limits.min_sync_seconds = 60;  // none of them is judged
  EXPECT_EQ(of_person(prepared(limits), "foreign")["sound"], "own");
}

TEST(Sharpness, FallsWithBlurAndNotWithLight) {
  Image crop(kCropSize, kCropSize);
  for (int y = 0; y < kCropSize; ++y)
    for (int x = 0; x < kCropSize; ++x)
      std::fill_n(crop.at(x, y), 3, static_cast<std::uint8_t>((x / 8 + y / 8) % 2 ? 200 : 40));
  Image dark = crop;
  for (auto& value : dark.rgb) value /= 2;
  const double sharp = sharpness_of(crop);
  EXPECT_NEAR(sharpness_of(dark), sharp, 1e-3);
  EXPECT_LT(sharpness_of(blurred(crop, 2)), sharp / 2);
  EXPECT_EQ(sharpness_of(Image(kCropSize, kCropSize)), 0);
}

}  // namespace
}  // namespace visema::session
