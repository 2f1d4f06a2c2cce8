#include "visema/models/ip_lap_landmark_network.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "ip_lap_formula.h"
#include "ip_lap_plain_landmarks.h"
#include "visema/core/error.h"

namespace visema {
namespace {

const std::filesystem::path kGolden =
    VISEMA_SOURCE_DIR "/../shared/golden/iplap/landmark_generator.safetensors";

class IpLapLandmarkNetworkTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = std::filesystem::temp_directory_path() /
              ("visema-ip-lap-landmarks-" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder_);
    write_formula_weights(ip_lap_landmark_tensors(),
                          {kIpLapLandmarksName, kIpLapLandmarksVersion, "{}", "{}"},
                          folder_ / "landmarks.safetensors");
  }
  static void TearDownTestSuite() { std::filesystem::remove_all(folder_); }

  static IpLapLandmarkNetwork network() { return {folder_ / "landmarks.safetensors", Compute{}}; }

  static inline std::filesystem::path folder_;
};

TEST_F(IpLapLandmarkNetworkTest, EqualsThePublishedNetwork) {
  if (!std::filesystem::exists(kGolden)) GTEST_SKIP() << kGolden << " is absent";
  const auto mels = formula_input("T_mels", 5 * 80 * 16, -4, 4);
  const auto poses = formula_input("T_pose", 5 * 2 * 74, 0, 1);
  const auto reference_poses = formula_input("Nl_pose", 15 * 2 * 74, 0, 1);
  const auto reference_content = formula_input("Nl_content", 15 * 2 * 57, 0, 1);
  const auto content = network().predict({mels, poses, reference_poses, reference_content});
  const auto expected = TensorFile::open(kGolden).floats("predict_content", {5, 2, 57});
  ASSERT_EQ(content.size(), expected.size());
  for (std::size_t i = 0; i < content.size(); ++i) ASSERT_NEAR(content[i], expected[i], 1e-4) << i;

  const auto trainable = test::plain_landmarks(folder_ / "landmarks.safetensors", mels, poses,
                                               reference_poses, reference_content);
  ASSERT_EQ(trainable.size(), expected.size());
  for (std::size_t i = 0; i < trainable.size(); ++i)
    ASSERT_NEAR(trainable[i], expected[i], 1e-4) << i;
}

}  // namespace
}  // namespace visema
