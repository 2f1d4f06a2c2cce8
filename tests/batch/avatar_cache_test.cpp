#include "visema/batch/avatar_cache.h"

#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <thread>
#include <vector>

#include "program.h"
#include "visema/core/error.h"

namespace visema::batch {
namespace {

class AvatarCacheTest : public cli::ProgramTest {
 protected:
  static void write_kib(const std::filesystem::path& path, int kib) {
    std::ofstream(path) << std::string(static_cast<std::size_t>(kib) << 10, 'x');
  }
  /// An entry of 1 KiB, used so many seconds ago.
  void add(const AvatarCache& cache, const std::string& key, int seconds_ago) const {
    cache.lease(key, [](const auto& path) { write_kib(path, 1); });
    last_use(key, seconds_ago);
  }
  void last_use(const std::string& key, int seconds_ago) const {
    std::filesystem::last_write_time(
        at(key), std::filesystem::file_time_type::clock::now() - std::chrono::seconds(seconds_ago));
  }
  std::filesystem::path at(const std::string& key) const {
    return folder_ / "cache" / (key + ".avatar");
  }
  bool has(const std::string& key) const { return std::filesystem::exists(at(key)); }
};

TEST_F(AvatarCacheTest, MakesOnceForManyThreads) {
  const AvatarCache cache(folder_ / "cache", 1 << 20);
  std::atomic<int> made = 0, found = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i)
      threads.emplace_back([&] {
        const auto lease = cache.lease("ab12", [&](const auto& path) {
          ++made;
          write_kib(path, 4);
        });
        if (std::filesystem::file_size(lease.path) == 4096) ++found;
      });
  }
  EXPECT_EQ(made, 1);
  EXPECT_EQ(found, 8);
}

TEST_F(AvatarCacheTest, MakesOnceForManyProcesses) {
  std::vector<pid_t> children;
  for (int i = 0; i < 8; ++i) {
    const pid_t child = fork();
    if (child == 0) {
      bool made = false;
      AvatarCache(folder_ / "cache", 1 << 20).lease("ab12", [&](const auto& path) {
        made = true;
        write_kib(path, 4);
      });
      _exit(made ? 1 : 0);
    }
    children.push_back(child);
  }
  int makers = 0;
  for (const pid_t child : children) {
    int status = 0;
    waitpid(child, &status, 0);
    ASSERT_TRUE(WIFEXITED(status));
    makers += WEXITSTATUS(status);
  }
  EXPECT_EQ(makers, 1);
}

TEST_F(AvatarCacheTest, TheLongestUnusedGoesFirst) {
  const AvatarCache cache(folder_ / "cache", 3 << 10);
  add(cache, "aa", 400);
  add(cache, "bb", 300);
  add(cache, "cc", 200);
  add(cache, "dd", 100);
  cache.lease("aa", [](const auto&) { FAIL() << "it is there"; });  // used now
  add(cache, "ee", 0);
  EXPECT_TRUE(has("aa"));
  EXPECT_FALSE(has("bb"));
  EXPECT_TRUE(has("cc"));
  EXPECT_TRUE(has("dd"));
  EXPECT_TRUE(has("ee"));
}

TEST_F(AvatarCacheTest, NothingInUseIsRemoved) {
  const AvatarCache cache(folder_ / "cache", 1 << 10);
  {
    const auto lease = cache.lease("aa", [](const auto& path) { write_kib(path, 1); });
    last_use("aa", 500);
    add(cache, "bb", 400);
    add(cache, "cc", 300);
    EXPECT_TRUE(has("aa"));
    EXPECT_FALSE(has("bb"));
  }
  add(cache, "dd", 0);
  EXPECT_FALSE(has("aa"));
}

TEST_F(AvatarCacheTest, ALockIsOfTheFileThatItsNameNamesNow) {
  write_kib(folder_ / "a", 1);
  const auto lock = FileLock::on_existing(folder_ / "a", FileLock::Kind::kExclusive);
  ASSERT_TRUE(lock);
  EXPECT_TRUE(lock->is_at(folder_ / "a"));
  write_kib(folder_ / "b", 1);
  std::filesystem::rename(folder_ / "b", folder_ / "a");
  EXPECT_FALSE(lock->is_at(folder_ / "a"));
}

TEST_F(AvatarCacheTest, WhatCannotBeMadeLeavesNothing) {
  const AvatarCache cache(folder_ / "cache", 1 << 10);
  EXPECT_THROW(cache.lease("aa", [](const auto&) { throw Error(ErrorCode::kInput, "no face"); }),
               Error);
  EXPECT_FALSE(has("aa"));
  EXPECT_FALSE(cache.lease("aa", [](const auto& path) { write_kib(path, 1); }).was_there);
}

}  // namespace
}  // namespace visema::batch
