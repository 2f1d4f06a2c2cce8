#include "visema/models/ip_lap_import.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "ip_lap_layers.h"
#include "visema/core/error.h"
#include "visema/models/ip_lap_landmark_network.h"
#include "visema/models/ip_lap_renderer_network.h"

namespace visema {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

const std::filesystem::path kGolden = VISEMA_SOURCE_DIR "/../shared/golden";
const std::filesystem::path kLandmarks =
    kGolden / "checkpoints/iplap_landmark_generator_strided.pth";
const std::filesystem::path kRenderer = kGolden / "checkpoints/iplap_renderer_strided.pth";

class IpLapImportTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(kGolden)) GTEST_SKIP() << kGolden << " is absent";
    folder_ = std::filesystem::temp_directory_path() /
              ("visema-ip-lap-import-" + std::to_string(::getpid()));
  }
  void TearDown() override {
    if (!folder_.empty()) std::filesystem::remove_all(folder_);
  }

  std::string message_of(const std::filesystem::path& landmarks,
                         const std::filesystem::path& renderer) const {
    try {
      import_ip_lap(landmarks, renderer, folder_);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kModel);
      EXPECT_FALSE(std::filesystem::exists(folder_));
      return error.what();
    }
    return "accepted";
  }

  std::filesystem::path folder_;
};

TEST_F(IpLapImportTest, LayoutsAreThePublishedOnes) {
  for (const auto& [file, tensors] :
       {std::pair{"landmark_generator_keys.json", &ip_lap_landmark_tensors()},
        std::pair{"renderer_keys.json", &ip_lap_renderer_tensors()}}) {
    std::ifstream stream(kGolden / "iplap" / file);
    const auto keys = nlohmann::ordered_json::parse(stream);
    auto tensor = tensors->begin();
    for (const auto& [name, shape] : keys.items()) {
      if (name.ends_with("num_batches_tracked")) continue;
      ASSERT_NE(tensor, tensors->end()) << name;
      EXPECT_EQ(tensor->name, name);
      EXPECT_EQ(tensor->shape, shape.get<std::vector<std::int64_t>>()) << name;
      ++tensor;
    }
    EXPECT_EQ(tensor, tensors->end());
  }
}

TEST_F(IpLapImportTest, WritesNetworksThatLoad) {
  import_ip_lap(kLandmarks, kRenderer, folder_);
  const IpLapLandmarkNetwork landmarks(folder_ / "landmarks.safetensors", Compute{});
  const IpLapRendererNetwork renderer(folder_ / "renderer.safetensors", Compute{});
  EXPECT_EQ(landmarks.card().network, "ip-lap-landmarks");
  EXPECT_THAT(renderer.card().card, HasSubstr("iplap_renderer_strided.pth"));
}

TEST_F(IpLapImportTest, OtherNetworksAreNamed) {
  EXPECT_THAT(message_of(kRenderer, kLandmarks),
              AllOf(HasSubstr("another network"), HasSubstr("landmarkgenerator_checkpoint.pth")));
  EXPECT_THAT(message_of(kLandmarks, kGolden / "checkpoints/flat_zip.pth"),
              AllOf(HasSubstr("flat_zip.pth"), HasSubstr("renderer_checkpoint.pth")));
}

TEST_F(IpLapImportTest, MaliciousAndBrokenFilesAreRefused) {
  const std::filesystem::path bad = kGolden / "checkpoints";
  EXPECT_THAT(message_of(bad / "malicious_zip.pth", kRenderer),
              AllOf(HasSubstr("malicious_zip.pth"), HasSubstr("posix.system")));
  EXPECT_FALSE(std::filesystem::exists("PWNED"));
  EXPECT_THAT(message_of(kLandmarks, bad / "truncated_zip.pth"), HasSubstr("truncated_zip.pth"));
  EXPECT_THAT(message_of(bad / "not_a_checkpoint.pth", kRenderer),
              HasSubstr("not_a_checkpoint.pth"));
}

}  // namespace
}  // namespace visema
