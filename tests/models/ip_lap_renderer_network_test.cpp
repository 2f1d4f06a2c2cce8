#include "visema/models/ip_lap_renderer_network.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <thread>

#include "ip_lap_formula.h"
#include "ip_lap_plain_painting.h"
#include "visema/core/error.h"

namespace visema {
namespace {

const std::filesystem::path kGolden =
    VISEMA_SOURCE_DIR "/../shared/golden/iplap/renderer.safetensors";
constexpr std::size_t kPicture = 3 * 128 * 128;

class IpLapRendererNetworkTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = std::filesystem::temp_directory_path() /
              ("visema-ip-lap-renderer-" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder_);
    write_formula_weights(ip_lap_renderer_tensors(),
                          {kIpLapRendererName, kIpLapRendererVersion, "{}", "{}"},
                          folder_ / "renderer.safetensors");
  }
  static void TearDownTestSuite() { std::filesystem::remove_all(folder_); }

  static IpLapRendererNetwork network() { return {folder_ / "renderer.safetensors", Compute{}}; }

  struct Pictures {
    std::vector<float> painted = std::vector<float>(kPicture);
    std::vector<float> warped = std::vector<float>(kPicture);
  };
  IpLapReferences references(const IpLapRendererNetwork& net, std::size_t count) const {
    return net.encode_references(std::span(pictures_).first(count * kPicture),
                                 std::span(picture_sketches_).first(count * kPicture));
  }
  Pictures render(const IpLapRendererNetwork& net, const IpLapReferences& references) const {
    Pictures out;
    net.render(references, {face_, sketches_, mel_}, out.painted, out.warped);
    return out;
  }

  std::vector<float> face_ = formula_input("face", kPicture, 0, 1);
  std::vector<float> sketches_ = formula_input("target_sketches", 5 * kPicture, 0, 1);
  std::vector<float> pictures_ = formula_input("ref_img", 25 * kPicture, 0, 1);
  std::vector<float> picture_sketches_ = formula_input("ref_sketch", 25 * kPicture, 0, 1);
  std::vector<float> mel_ = formula_input("audio_mel", 80 * 16, -4, 4);
  static inline std::filesystem::path folder_;
};

double largest_difference(const std::vector<float>& a, const std::vector<float>& b) {
  if (a.size() != b.size()) return INFINITY;
  double most = 0;
  for (std::size_t i = 0; i < a.size(); ++i) most = std::max<double>(most, std::abs(a[i] - b[i]));
  return most;
}

TEST_F(IpLapRendererNetworkTest, EqualsThePublishedNetwork) {
  if (!std::filesystem::exists(kGolden)) GTEST_SKIP() << kGolden << " is absent";
  const TensorFile golden = TensorFile::open(kGolden);
  const IpLapRendererNetwork net = network();
  for (const std::size_t count : {3U, 25U}) {
    const Pictures out = render(net, references(net, count));
    const std::string number = std::to_string(count);
    EXPECT_LT(largest_difference(out.warped, golden.floats("warped_ref_" + number)), 1e-4) << count;
    EXPECT_LT(largest_difference(out.painted, golden.floats("generated_face_" + number)), 1e-4)
        << count;
  }
}

TEST_F(IpLapRendererNetworkTest, TrainableAndGenericFormulationsEqualItToo) {
  if (!std::filesystem::exists(kGolden)) GTEST_SKIP() << kGolden << " is absent";
  const TensorFile golden = TensorFile::open(kGolden);
  const auto three = [](const std::vector<float>& all) {
    return std::vector<float>(all.begin(), all.begin() + 3 * kPicture);
  };
  const test::PaintingInputs inputs = {face_, sketches_, mel_, three(pictures_),
                                       three(picture_sketches_)};
  const auto weights = folder_ / "renderer.safetensors";
  for (const auto& painted :
       {test::plain_painting(weights, inputs), test::generic_painting(weights, inputs)}) {
    EXPECT_LT(largest_difference(painted.warped, golden.floats("warped_ref_3")), 1e-4);
    EXPECT_LT(largest_difference(painted.face, golden.floats("generated_face_3")), 1e-4);
  }
}

TEST_F(IpLapRendererNetworkTest, LowerHalfOfTheFaceIsNotSeen) {
  const IpLapRendererNetwork net = network();
  const IpLapReferences one = references(net, 1);
  EXPECT_EQ(one.count(), 1);
  const Pictures before = render(net, one);
  for (std::size_t i = 0; i < kPicture; ++i)
    if (i % (128 * 128) >= 64 * 128) face_[i] = 0.5F;
  EXPECT_EQ(render(net, one).painted, before.painted);
}

TEST_F(IpLapRendererNetworkTest, ThreadsShareTheNetwork) {
  const IpLapRendererNetwork net = network();
  const IpLapReferences shared = references(net, 1);
  const Pictures alone = render(net, shared);
  Pictures first, second;
  std::thread other([&] { first = render(net, shared); });
  second = render(net, shared);
  other.join();
  EXPECT_EQ(first.painted, alone.painted);
  EXPECT_EQ(second.painted, alone.painted);
}

TEST_F(IpLapRendererNetworkTest, RefusesOtherSizes) {
  const IpLapRendererNetwork net = network();
  EXPECT_THROW(net.encode_references({}, {}), Error);
  EXPECT_THROW(net.encode_references(pictures_, std::span(picture_sketches_).first(kPicture)),
               Error);
}

}  // namespace
}  // namespace visema
