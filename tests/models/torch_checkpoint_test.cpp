#include "visema/models/torch_checkpoint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <functional>
#include <iterator>
#include <span>
#include <string>

#include "torch_pickle_writer.h"
#include "visema/core/error.h"
#include "visema/models/tensor_file.h"

namespace visema {
namespace {

using namespace std::string_literals;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

const std::filesystem::path kGolden = VISEMA_SOURCE_DIR "/../shared/golden/checkpoints";

std::vector<std::byte> bytes_of(const std::string& text) {
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

std::vector<std::byte> read_all(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return bytes_of({std::istreambuf_iterator<char>(file), {}});
}

std::string refusal(const std::function<void()>& act) {
  try {
    act();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kModel);
    return error.what();
  }
  return "nothing was refused";
}

std::string refusal_of(std::vector<std::byte> bytes) {
  return refusal([&] { TorchCheckpoint::from_bytes(std::move(bytes), "some.pth"); });
}

/// A file before PyTorch 1.6 around an object's pickle.
std::vector<std::byte> legacy_with(const std::string& object) {
  std::string file = "\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19."s;
  file += "\x80\x02M\xe9\x03.";
  file += "\x80\x02}X\x0d\0\0\0little_endian\x88s."s;
  return bytes_of(file + "\x80\x02"s + object + ".\x80\x02].");
}

class GoldenCheckpoint : public ::testing::TestWithParam<const char*> {};

TEST_P(GoldenCheckpoint, HoldsTheExpectedTensors) {
  const auto path = kGolden / GetParam();
  if (!std::filesystem::exists(path)) GTEST_SKIP() << path << " is absent";
  const TensorFile expected = TensorFile::open(kGolden / "expected.safetensors");
  const TorchCheckpoint file = TorchCheckpoint::open(path);
  EXPECT_THAT(file.names(), ElementsAre("a.weight", "a.bias", "n.num_batches_tracked", "h", "t"));
  for (const auto& name : file.names()) {
    EXPECT_EQ(file.shape(name), expected.get(name).shape) << name;
    EXPECT_EQ(file.floats(name), expected.floats(name)) << name;
  }
}

TEST_P(GoldenCheckpoint, EveryTruncatedCopyIsRefused) {
  const auto path = kGolden / GetParam();
  if (!std::filesystem::exists(path)) GTEST_SKIP() << path << " is absent";
  const auto bytes = read_all(path);
  for (std::size_t size = 0; size < bytes.size(); size += 7)
    EXPECT_THAT(refusal_of({bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size)}),
                HasSubstr("some.pth"))
        << size;
}

INSTANTIATE_TEST_SUITE_P(Files, GoldenCheckpoint,
                         ::testing::Values("flat_legacy.pth", "nested_legacy.pth", "flat_zip.pth",
                                           "nested_zip.pth"));

TEST(TorchCheckpointTest, StridedTensorsLargerThanTheFile) {
  const auto path = kGolden / "iplap_landmark_generator_strided.pth";
  if (!std::filesystem::exists(path)) GTEST_SKIP() << path << " is absent";
  const TorchCheckpoint file = TorchCheckpoint::open(path);
  EXPECT_GT(file.names().size(), 100U);
  for (const auto& name : file.names()) {
    std::int64_t count = 1;
    for (const auto side : file.shape(name)) count *= side;
    if (count < 100000) {
      EXPECT_EQ(file.floats(name).size(), static_cast<std::size_t>(count));
    }
  }
}

TEST(TorchCheckpointTest, NamesWhatAMaliciousFileWantsToCall) {
  const auto path = kGolden / "malicious_zip.pth";
  if (!std::filesystem::exists(path)) GTEST_SKIP() << path << " is absent";
  EXPECT_THAT(refusal([&] { TorchCheckpoint::open(path); }),
              AllOf(HasSubstr("malicious_zip.pth"), HasSubstr("posix.system")));
  EXPECT_FALSE(std::filesystem::exists("PWNED"));
}

TEST(TorchCheckpointTest, SaysWhatIsWrongWithBrokenFiles) {
  if (!std::filesystem::exists(kGolden)) GTEST_SKIP() << kGolden << " is absent";
  EXPECT_THAT(refusal([] { TorchCheckpoint::open(kGolden / "truncated_zip.pth"); }),
              AllOf(HasSubstr("truncated_zip.pth"), HasSubstr("incomplete")));
  EXPECT_THAT(refusal([] { TorchCheckpoint::open(kGolden / "not_a_checkpoint.pth"); }),
              AllOf(HasSubstr("not_a_checkpoint.pth"), HasSubstr("not a file of torch.save")));
}

TEST(TorchCheckpointTest, AFileThatIsNotThereIsAnInputError) {
  try {
    TorchCheckpoint::open("no such.pth");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kInput);
  }
}

TEST(TorchCheckpointTest, ReadsTheTestsOwnLegacyFiles) {
  TorchPickleWriter writer;
  writer.add("b", {2, 3}, {1, 2, 3, 4, 5, 6});
  writer.add("a", {}, {7});
  const auto file = TorchCheckpoint::from_bytes(writer.legacy_file(), "own.pth");
  EXPECT_THAT(file.names(), ElementsAre("b", "a"));
  EXPECT_THAT(file.floats("b", {2, 3}), ElementsAre(1, 2, 3, 4, 5, 6));
  EXPECT_THAT(file.floats("a"), ElementsAre(7));
  EXPECT_THAT(
      refusal([&] {
        file.floats("b", {3, 2});
      }),
      AllOf(HasSubstr("own.pth"), HasSubstr("'b'"), HasSubstr("[2,3]"), HasSubstr("[3,2]")));
  EXPECT_THAT(refusal([&] { file.floats("c"); }), HasSubstr("'c'"));
}

TEST(TorchCheckpointTest, ReadsStoredAndDeflatedArchives) {
  const std::filesystem::path seeds = VISEMA_SOURCE_DIR "/tests/fuzz/seeds/torch_checkpoint";
  const TorchCheckpoint legacy = TorchCheckpoint::open(seeds / "legacy");
  for (const char* other : {"zip", "deflated"}) {
    const TorchCheckpoint file = TorchCheckpoint::open(seeds / other);
    EXPECT_EQ(file.names(), legacy.names()) << other;
    for (const auto& name : legacy.names())
      EXPECT_EQ(file.floats(name, legacy.shape(name)), legacy.floats(name)) << other << ' ' << name;
  }
}

TEST(TorchCheckpointTest, PythonTwoWritesItsDictAsPairs) {
  TorchPickleWriter writer;
  writer.add("w", {1}, {0.5F});
  writer.add("v", {2}, {1, 2});
  const auto file =
      TorchCheckpoint::from_bytes(writer.legacy_file(TorchPickleWriter::Dict::kPairs), "two.pth");
  EXPECT_THAT(file.floats("w"), ElementsAre(0.5F));
  EXPECT_THAT(file.floats("v"), ElementsAre(1, 2));
}

TEST(TorchCheckpointTest, RefusesCallsAndWhatIsNoStateDict) {
  EXPECT_THAT(refusal_of(legacy_with("cos\nsystem\nX\2\0\0\0ls\x85R"s)), HasSubstr("os.system"));
  EXPECT_THAT(refusal_of(legacy_with("cbuiltins\neval\n)R")), HasSubstr("builtins.eval"));
  EXPECT_THAT(refusal_of(legacy_with("ctorch.nn.modules.linear\nLinear\n)\x81")),
              HasSubstr("torch.nn.modules.linear.Linear"));
  EXPECT_THAT(refusal_of(legacy_with("K\1")), HasSubstr("state_dict"));
  EXPECT_THAT(refusal_of(legacy_with("}")), HasSubstr("state_dict"));
  EXPECT_THAT(refusal_of(legacy_with("R")), HasSubstr("some.pth"));
  EXPECT_THAT(refusal_of(legacy_with("(((((t")), HasSubstr("some.pth"));
  EXPECT_THAT(refusal_of(legacy_with("i")), HasSubstr("opcode 0x69"));
}

TEST(TorchCheckpointTest, RefusesTensorsBeyondTheirStorage) {
  const std::pair<std::string, std::string> changes[] = {
      {"(J\2\0\0\0J\3"s, "(J\2\0\0\0J\4"s},          // sizes 2, 3
      {"(J\3\0\0\0J\1"s, "(J\4\0\0\0J\1"s},          // strides 3, 1
      {"(J\3\0\0\0J\1"s, "(J\xff\xff\xff\x7fJ\1"s},  //
      {"QK\0"s, "QK\1"s},                            // offset
  };
  for (const auto& [from, to] : changes) {
    TorchPickleWriter writer;
    writer.add("w", {2, 3}, {1, 2, 3, 4, 5, 6});
    auto bytes = writer.legacy_file();
    const auto old = bytes_of(from), changed = bytes_of(to);
    const auto at = std::search(bytes.begin(), bytes.end(), old.begin(), old.end());
    ASSERT_NE(at, bytes.end());
    std::copy(changed.begin(), changed.end(), at);
    EXPECT_THAT(refusal_of(bytes), AllOf(HasSubstr("'w'"), HasSubstr("beyond")));
  }
}

/// References to one long tuple, each of which would copy it.
TEST(TorchCheckpointTest, RefusesBombsOfSharedItems) {
  std::string object = "(";
  object.append(20000, 'N');
  object += "tq\0"s;
  for (int i = 0; i < 1000; ++i) object += "h\0Q"s;
  EXPECT_THAT(refusal_of(legacy_with(object)), HasSubstr("four million"));
}

}  // namespace
}  // namespace visema
