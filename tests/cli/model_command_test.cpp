#include <gmock/gmock.h>

#include "program.h"

namespace visema::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr int kUsage = 2;
constexpr int kInput = 3;
const std::filesystem::path kCheckpoints = VISEMA_SOURCE_DIR "/../shared/golden/checkpoints";

class ModelCommandTest : public ProgramTest {};

TEST_F(ModelCommandTest, SaysWhatIsMissing) {
  EXPECT_EQ(run({"model"}).code, kUsage);
  EXPECT_EQ(run({"model", "inspect"}).code, kUsage);
  EXPECT_EQ(run({"model", "inspect", "no file.pth"}).code, kInput);
  const Finished finished = run({"model", "run"});
  EXPECT_EQ(finished.code, kUsage);
  for (const char* option : {"--model", "--inputs", "--out"})
    EXPECT_THAT(finished.err, HasSubstr(std::string(option) + " is needed"));
  const Finished import = run({"import", "ip-lap", "--out", "folder"});
  EXPECT_EQ(import.code, kUsage);
  EXPECT_THAT(import.err, HasSubstr("--landmarks is needed"));
  EXPECT_THAT(import.err, HasSubstr("--renderer is needed"));
}

TEST_F(ModelCommandTest, TheFirstWordAloneLeadsOn) {
  EXPECT_THAT(run({"model"}).err, HasSubstr("model inspect or model run"));
  EXPECT_THAT(run({"modle"}).err, Not(HasSubstr("model-inspect")));
  for (const auto& arguments : {std::vector<std::string>{"model", "--help"}, {"help", "model"}}) {
    const Finished finished = run(arguments);
    EXPECT_EQ(finished.code, 0);
    EXPECT_THAT(finished.out, HasSubstr("model inspect List"));
    EXPECT_THAT(finished.out, Not(HasSubstr("render")));
  }
}

TEST_F(ModelCommandTest, QuietListsAllTheSame) {
  // The smallest safetensors file: no tensors, no metadata.
  const auto file = write("none.safetensors", std::string("\x02\0\0\0\0\0\0\0{}", 10));
  const Finished finished = run({"model", "inspect", file.string(), "--quiet"});
  EXPECT_EQ(finished.code, 0) << finished.err;
  EXPECT_THAT(finished.out, HasSubstr("0 tensors"));
}

TEST_F(ModelCommandTest, InspectsACheckpointAndRefusesOneThatWouldRunSomething) {
  if (!std::filesystem::exists(kCheckpoints)) GTEST_SKIP() << kCheckpoints << " is absent";
  const Finished good = run({"model", "inspect", (kCheckpoints / "nested_zip.pth").string()});
  EXPECT_EQ(good.code, 0) << good.err;
  EXPECT_THAT(good.out, HasSubstr(" bytes"));
  const Finished bad = run({"model", "inspect", (kCheckpoints / "malicious_zip.pth").string()});
  EXPECT_NE(bad.code, 0);
  EXPECT_THAT(bad.err, HasSubstr("posix.system"));
}

TEST_F(ModelCommandTest, AnImportOfTheWrongFilesLeavesNothing) {
  if (!std::filesystem::exists(kCheckpoints)) GTEST_SKIP() << kCheckpoints << " is absent";
  const auto landmarks = (kCheckpoints / "iplap_landmark_generator_strided.pth").string();
  const Finished swapped =
      run({"import", "ip-lap", "--landmarks", landmarks, "--renderer", landmarks, "--out", "m"});
  EXPECT_NE(swapped.code, 0);
  EXPECT_THAT(swapped.err, HasSubstr(landmarks));
  EXPECT_FALSE(std::filesystem::exists(folder_ / "m" / "landmarks.safetensors"));
}

}  // namespace
}  // namespace visema::cli
