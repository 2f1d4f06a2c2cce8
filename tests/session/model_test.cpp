#include "visema/session/model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "ip_lap_formula.h"
#include "visema/core/error.h"
#include "visema/models/ip_lap_landmark_network.h"
#include "visema/models/tensor_file.h"

namespace visema::session {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

const std::filesystem::path kGolden = VISEMA_SOURCE_DIR "/../shared/golden";

class ModelTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() /
              ("visema-model-test-" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder_);
    write_formula_weights(ip_lap_landmark_tensors(),
                          {kIpLapLandmarksName, kIpLapLandmarksVersion, "{}", "{}"},
                          folder_ / "landmarks.safetensors");
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  ModelRunOptions options() const {
    return {folder_, "landmarks", folder_ / "in.safetensors", folder_ / "out.safetensors", {}};
  }
  std::string message() const {
    try {
      run_model(options());
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kInput);
      return error.what();
    }
    return "accepted";
  }

  std::vector<float> mels_ = formula_input("T_mels", 5 * 80 * 16, -4, 4);
  std::vector<float> poses_ = formula_input("T_pose", 5 * 2 * 74, 0, 1);
  std::vector<float> reference_poses_ = formula_input("Nl_pose", 15 * 2 * 74, 0, 1);
  std::vector<float> reference_content_ = formula_input("Nl_content", 15 * 2 * 57, 0, 1);
  std::map<std::string, Tensor> inputs_ = {
      {"input.T_mels", view_of(mels_, {1, 5, 1, 80, 16})},
      {"T_pose", view_of(poses_, {1, 5, 2, 74})},
      {"Nl_pose", view_of(reference_poses_, {15, 2, 74})},
      {"Nl_content", view_of(reference_content_, {15, 2, 57})}};
  std::filesystem::path folder_;
};

TEST_F(ModelTest, RunGivesThePublishedNumbers) {
  if (!std::filesystem::exists(kGolden)) GTEST_SKIP() << kGolden << " is absent";
  write_tensor_file(options().inputs, inputs_);
  run_model(options());
  const auto got = TensorFile::open(options().out).floats("predict_content", {5, 2, 57});
  const auto expected = TensorFile::open(kGolden / "iplap/landmark_generator.safetensors")
                            .floats("predict_content", {5, 2, 57});
  for (std::size_t i = 0; i < got.size(); ++i) ASSERT_NEAR(got[i], expected[i], 1e-4) << i;
}

TEST_F(ModelTest, RunSaysWhichTensorIsWrong) {
  inputs_["T_pose"].shape = {5, 74, 2};
  write_tensor_file(options().inputs, inputs_);
  EXPECT_THAT(message(), AllOf(HasSubstr("T_pose [5,74,2]"), HasSubstr("[5,2,74]")));
  inputs_.erase("T_pose");
  write_tensor_file(options().inputs, inputs_);
  EXPECT_THAT(message(), AllOf(HasSubstr("no tensor T_pose"), HasSubstr("input.T_mels")));
  EXPECT_FALSE(std::filesystem::exists(options().out));
}

TEST_F(ModelTest, RunKeepsItsInputsAndItsWeights) {
  write_tensor_file(options().inputs, inputs_);
  for (const auto& out : {options().inputs, folder_ / "landmarks.safetensors"}) {
    ModelRunOptions over = options();
    over.out = out;
    const auto before = std::filesystem::file_size(out);
    EXPECT_THROW(run_model(over), Error);
    EXPECT_EQ(std::filesystem::file_size(out), before);
  }
}

TEST_F(ModelTest, NoReferencesAreRefusedByName) {
  const std::vector<float> none;
  const std::vector<float> picture(std::size_t{3} * 128 * 128);
  inputs_ = {{"face", view_of(picture, {3, 128, 128})},
             {"ref_img", view_of(none, {0, 3, 128, 128})}};
  const std::vector<float> sketches(std::size_t{5} * 3 * 128 * 128);
  inputs_["target_sketches"] = view_of(sketches, {5, 3, 128, 128});
  write_tensor_file(options().inputs, inputs_);
  ModelRunOptions renderer = options();
  renderer.network = "renderer";
  try {
    run_model(renderer);
    FAIL() << "accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kInput);
    EXPECT_THAT(error.what(), AllOf(HasSubstr("ref_img [0,3,128,128]"), HasSubstr("1..25")));
  }
}

TEST_F(ModelTest, InspectListsTensorsAndCard) {
  const auto json = nlohmann::json::parse(inspect_model(folder_ / "landmarks.safetensors", true));
  EXPECT_EQ(json["tensors"].size(), ip_lap_landmark_tensors().size());
  EXPECT_EQ(json["metadata"]["network"], "ip-lap-landmarks");
  EXPECT_THAT(inspect_model(folder_ / "landmarks.safetensors", false),
              HasSubstr("jaw_keypoint_map.weight  F32  [34,512]  69632 bytes"));
}

TEST_F(ModelTest, InspectReadsCheckpoints) {
  if (!std::filesystem::exists(kGolden)) GTEST_SKIP() << kGolden << " is absent";
  const auto path = kGolden / "checkpoints/iplap_renderer_strided.pth";
  EXPECT_THAT(inspect_model(path, false),
              HasSubstr("flow_module.conv1.weight  F32  [32,6,7,7]  37632 bytes"));
}

}  // namespace
}  // namespace visema::session
