// Output folders that take nothing, or not everything.
#include <gmock/gmock.h>
#include <sys/mount.h>

#include <cstring>

#include "batch_fixture.h"

namespace visema::batch {
namespace {

using testing::HasSubstr;

constexpr int kOutput = 4;
constexpr int kSomeFailed = 7;

class BatchDiskTest : public BatchTest {
 protected:
  void TearDown() override {
    umount2(out().c_str(), MNT_DETACH);
    BatchTest::TearDown();
  }
  /// A disk of that size at the output folder.
  void mount_out(const char* size) const {
    std::filesystem::create_directory(out());
    if (mount("tmpfs", out().c_str(), "tmpfs", 0, size) != 0)
      GTEST_SKIP() << "no file system may be mounted here: " << strerror(errno);
  }
  void remount(unsigned long flags, const char* size) const {
    ASSERT_EQ(mount("tmpfs", out().c_str(), "tmpfs", MS_REMOUNT | flags, size), 0);
  }
};

TEST_F(BatchDiskTest, AReadOnlyFolderIsRefusedBeforeTheFirstJob) {
  write_jobs(1);
  mount_out("size=8m");
  if (IsSkipped()) return;
  remount(MS_RDONLY, "size=8m");
  const auto finished = batch();
  EXPECT_EQ(finished.code, kOutput);
  EXPECT_THAT(finished.err, HasSubstr("out: cannot be written: Read-only file system"));
}

TEST_F(BatchDiskTest, AFullDiskFailsWhatDoesNotFitAndResumesWithMoreRoom) {
  write_jobs(3);
  write_sound("j0.wav", 3);
  write("jobs.jsonl", job_line("j0", R"(, "crf": 0)") + job_line("j1") + job_line("j2"));
  mount_out("size=600k");
  if (IsSkipped()) return;
  const auto finished = batch({"--retries", "1", "--cache", "cache"});
  EXPECT_THAT(finished.code, testing::AnyOf(kSomeFailed, kOutput)) << finished.err;
  EXPECT_THAT(finished.err, HasSubstr("No space left on device"));
  remount(0, "size=64m");
  const auto resumed = batch({"--resume", "--cache", "cache"});
  EXPECT_EQ(resumed.code, 0) << resumed.err;
  expect_all_done_once(3);
}

}  // namespace
}  // namespace visema::batch
