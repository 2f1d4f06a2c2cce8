#include "visema/models/generator_network.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "generator_pack.h"
#include "speech_pack.h"
#include "visema/core/error.h"
#include "visema/models/tensor_file.h"

namespace visema {
namespace {

constexpr int kSize = 64;
constexpr std::size_t kArea = kSize * kSize;

class GeneratorNetworkFile : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = std::make_unique<test::ScratchFolder>();
    test::write_generator_pack(*folder_ / "pack", 1);
    training::TrainLog log({});
    train(test::small_training(folder_->path(), 5), log);
  }
  static void TearDownTestSuite() { folder_.reset(); }

  static std::filesystem::path weights() { return *folder_ / "renderer.safetensors"; }

  static std::vector<float> input(std::size_t frames) {
    std::vector<float> planes(frames * 13 * kArea);
    for (std::size_t i = 0; i < planes.size(); ++i)
      planes[i] = static_cast<float>(i * 2654435761U % 1000) / 1000.0F;
    return planes;
  }

  /// The weights with one tensor changed or left out; what loading the file says.
  static std::string refusal(const std::string& changed, std::vector<std::int64_t> shape) {
    const TensorFile file = TensorFile::open(weights());
    std::map<std::string, Tensor> tensors;
    for (const auto& name : file.names()) tensors[name] = file.get(name);
    std::int64_t count = 1;
    for (const std::int64_t side : shape) count *= side;
    const std::vector<float> numbers(static_cast<std::size_t>(count));
    if (shape.empty())
      tensors.erase(changed);
    else
      tensors[changed] = view_of(numbers, shape);
    const auto path = *folder_ / "changed.safetensors";
    write_tensor_file(path, tensors, file.metadata());
    try {
      GeneratorNetwork(path, Compute{});
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kModel);
      return error.what();
    }
    return "";
  }

  /// The weights under another configuration; what loading the file says.
  static std::string refusal_under(const std::string& config) {
    const TensorFile file = TensorFile::open(weights());
    std::map<std::string, Tensor> tensors;
    for (const auto& name : file.names()) tensors[name] = file.get(name);
    auto metadata = file.metadata();
    metadata["config"] = config;
    const auto path = *folder_ / "other.safetensors";
    write_tensor_file(path, tensors, metadata);
    try {
      GeneratorNetwork(path, Compute{});
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kModel);
      return error.what();
    }
    return "";
  }

  static inline std::unique_ptr<test::ScratchFolder> folder_;
};

TEST_F(GeneratorNetworkFile, SaysWhatItIs) {
  const GeneratorNetwork network(weights(), Compute{});
  EXPECT_EQ(network.info().name, "visema-generator");
  EXPECT_EQ(network.info().sha256.size(), 64U);
  EXPECT_GT(network.info().gflop, 0.05);
}

TEST_F(GeneratorNetworkFile, GivesTheSameAfterReloadingAndInRange) {
  GeneratorNetwork first(weights(), Compute{}), second(weights(), Compute{});
  const auto planes = input(1);
  std::vector<float> a(4 * kArea), b(4 * kArea);
  first.run(planes, a, kSize);
  second.run(planes, b, kSize);
  EXPECT_EQ(a, b);
  const auto [low, high] = std::minmax_element(a.begin(), a.end());
  EXPECT_GE(*low, 0);
  EXPECT_LE(*high, 1);
  EXPECT_GT(*high - *low, 0.1F);
}

TEST_F(GeneratorNetworkFile, BatchEqualsFrameByFrame) {
  GeneratorNetwork network(weights(), Compute{});
  const auto planes = input(2);
  std::vector<float> both(8 * kArea), one(4 * kArea);
  network.run(planes, both, kSize);
  network.run(std::span(planes).last(13 * kArea), one, kSize);
  for (std::size_t i = 0; i < one.size(); ++i) EXPECT_NEAR(both[4 * kArea + i], one[i], 1e-5F);
}

TEST_F(GeneratorNetworkFile, NamesTheTensorThatDoesNotFit) {
  EXPECT_NE(refusal("stem.weight", {16, 52, 1, 1}).find("stem.weight"), std::string::npos);
  EXPECT_NE(refusal("head.bias", {}).find("head.bias"), std::string::npos);
  EXPECT_NE(refusal("tail.bias", {4}).find("tail.bias"), std::string::npos);
}

TEST_F(GeneratorNetworkFile, NamesTheTensorThatIsOfAnotherSize) {
  using testing::AllOf;
  using testing::HasSubstr;
  EXPECT_EQ(refusal_under(R"({"widths":[16,16,16],"blocks":[1,1,1]})"), "");
  EXPECT_THAT(refusal_under(R"({"widths":[16,24,16],"blocks":[1,1,1],"stem":3})"),
              AllOf(HasSubstr("other.safetensors"), HasSubstr("tensor "), HasSubstr("[24,"),
                    HasSubstr("[16,")));
  EXPECT_THAT(refusal_under(R"({"widths":[16,16,16],"blocks":[1,1,1],"stem":1})"),
              HasSubstr("stem.weight"));
  EXPECT_THAT(refusal_under(R"({"widths":[16,16,16],"blocks":[1,1,0]})"),
              testing::ContainsRegex("tensor decoder2_0[.a-z]+: does not belong to this network"));
  EXPECT_THAT(refusal_under(R"({"widths":[16,16,16],"blocks":[1,1,1],"stem":5})"),
              HasSubstr("a stem of 1 or 3"));
}

TEST_F(GeneratorNetworkFile, RefusesPicturesOfAnotherSize) {
  GeneratorNetwork network(weights(), Compute{});
  std::vector<float> planes(13 * 60 * 60), result(4 * 60 * 60);
  EXPECT_THROW(network.run(planes, result, 60), Error);
  EXPECT_THROW(network.run(planes, result, kSize), Error);
  EXPECT_THROW(network.run({}, {}, kSize), Error);
}

}  // namespace
}  // namespace visema
