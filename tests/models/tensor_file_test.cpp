#include "visema/models/tensor_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <cstring>
#include <fstream>

#include "visema/core/error.h"

namespace visema {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<std::byte> file_of(const std::string& header, std::size_t data_bytes) {
  std::vector<std::byte> bytes(8 + header.size() + data_bytes);
  const std::uint64_t size = header.size();
  std::memcpy(bytes.data(), &size, 8);
  std::memcpy(bytes.data() + 8, header.data(), header.size());
  return bytes;
}

void expect_refused(const std::string& header, std::size_t data_bytes, const std::string& reason) {
  try {
    TensorFile::from_bytes(file_of(header, data_bytes), "weights.st");
    FAIL() << "accepted: " << header;
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kModel);
    EXPECT_THAT(error.what(), HasSubstr("weights.st"));
    EXPECT_THAT(error.what(), HasSubstr(reason));
  }
}

class TensorFileTest : public ::testing::Test {
 protected:
  TensorFileTest()
      : path_(std::filesystem::temp_directory_path() /
              ("visema tensor ü " + std::to_string(::getpid()) + ".safetensors")) {}
  ~TensorFileTest() override { std::filesystem::remove(path_); }
  std::filesystem::path path_;
};

TEST_F(TensorFileTest, ReadsWhatItWrote) {
  const std::vector<float> floats = {1, -2.5f, 3e-8f, 4, 5, 6};
  const std::vector<std::int32_t> ints = {-7, 8};
  const std::vector<std::uint16_t> halves = {float_to_half(0.5f)};
  write_tensor_file(path_,
                    {{"f", view_of(floats, {2, 3})},
                     {"i", view_of(ints, {2})},
                     {"half", view_of_half(halves, {})},
                     {"none", view_of(std::span<const float>(), {0, 4})}},
                    {{"network", "test \"quoted\""}});
  const TensorFile file = TensorFile::open(path_);
  EXPECT_THAT(file.names(), ElementsAre("f", "half", "i", "none"));
  EXPECT_EQ(file.floats("f", {2, 3}), floats);
  EXPECT_THAT(file.integers("i"), ElementsAre(-7, 8));
  EXPECT_THAT(file.floats("half"), ElementsAre(0.5f));
  EXPECT_TRUE(file.floats("none").empty());
  EXPECT_THAT(file.get("f").shape, ElementsAre(2, 3));
  EXPECT_EQ(file.metadata().at("network"), "test \"quoted\"");
  EXPECT_EQ(file.sha256().size(), 64u);
  EXPECT_THROW(file.get("missing"), Error);
  EXPECT_THROW(file.floats("i"), Error);
  EXPECT_THROW(file.floats("f", {3, 2}), Error);
}

TEST_F(TensorFileTest, WritingReplacesTheWholeFileOrNothing) {
  const std::vector<float> one = {1}, two = {1, 2};
  write_tensor_file(path_, {{"a", view_of(one, {1})}});
  write_tensor_file(path_, {{"b", view_of(two, {2})}});
  EXPECT_THAT(TensorFile::open(path_).names(), ElementsAre("b"));
  EXPECT_THROW(write_tensor_file(path_, {{"c", view_of(one, {2})}}), Error);
  EXPECT_THAT(TensorFile::open(path_).names(), ElementsAre("b"));
  EXPECT_THROW(write_tensor_file("/nowhere/x.safetensors", {{"a", view_of(one, {1})}}), Error);
}

TEST_F(TensorFileTest, ReadsBfloat16AndUnalignedData) {
  auto bytes = file_of(R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},)"
                       R"("b":{"dtype":"BF16","shape":[1],"data_offsets":[1,3]}})",
                       3);
  bytes[bytes.size() - 1] = std::byte{0xc0};  // bfloat16 0xc040 = -3
  bytes[bytes.size() - 2] = std::byte{0x40};
  EXPECT_THAT(TensorFile::from_bytes(bytes).floats("b"), ElementsAre(-3.0f));
}

TEST_F(TensorFileTest, RefusesDamagedFiles) {
  EXPECT_THROW(TensorFile::from_bytes({}), Error);
  EXPECT_THROW(TensorFile::from_bytes(std::vector<std::byte>(7)), Error);
  EXPECT_THROW(TensorFile::from_bytes(std::vector<std::byte>(64, std::byte{0xff})), Error);
  expect_refused("[]", 0, "not a JSON object");
  expect_refused(R"({"a":1})", 0, "tensor 'a'");
  expect_refused(R"({"a":{"dtype":"F99","shape":[],"data_offsets":[0,4]}})", 4, "F99");
  expect_refused(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}})", 4, "needs 8 bytes");
  expect_refused(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})", 3, "outside");
  expect_refused(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}})", 4, "outside");
  expect_refused(R"({"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}})", 4, "count");
  expect_refused(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})", 5, "no tensor");
  expect_refused(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})", 8, "gap");
  expect_refused(R"({"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,0]}})", 0,
                 "memory");
  expect_refused(R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},)"
                 R"("b":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}})",
                 2, "overlap");
  expect_refused(R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},)"
                 R"("a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}})",
                 1, "twice");
  expect_refused(R"({"__metadata__":{"a":1}})", 0, "__metadata__");
}

TEST_F(TensorFileTest, UnreadableFilesAreInputErrors) {
  try {
    TensorFile::open("/nowhere/file.safetensors");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kInput);
    EXPECT_THAT(error.what(), HasSubstr("/nowhere/file.safetensors"));
  }
  EXPECT_THROW(TensorFile::open("/"), Error);
}

TEST(Half, EveryFiniteHalfSurvivesTheRoundTrip) {
  for (int bits = 0; bits < 0x10000; ++bits) {
    const auto half = static_cast<std::uint16_t>(bits);
    const float value = half_to_float(half);
    if (std::isnan(value)) continue;
    ASSERT_EQ(float_to_half(value), half) << bits;
  }
}

TEST(Half, RoundsToNearestEven) {
  EXPECT_EQ(half_to_float(float_to_half(1 + 0x1p-11f)), 1.0f);
  EXPECT_EQ(half_to_float(float_to_half(1 + 3 * 0x1p-11f)), 1 + 2 * 0x1p-10f);
  EXPECT_EQ(half_to_float(float_to_half(0x1p-25f)), 0.0f);
  EXPECT_TRUE(std::isinf(half_to_float(float_to_half(65520.0f))));
  EXPECT_EQ(half_to_float(float_to_half(65519.0f)), 65504.0f);
  EXPECT_TRUE(std::isnan(half_to_float(float_to_half(NAN))));
}

}  // namespace
}  // namespace visema
