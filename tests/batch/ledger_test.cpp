#include "visema/batch/ledger.h"

#include <gmock/gmock.h>
#include <sqlite3.h>

#include <fstream>

#include "program.h"
#include "visema/core/error.h"

namespace visema::batch {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class LedgerTest : public cli::ProgramTest {
 protected:
  std::filesystem::path file() const { return folder_ / "ledger.sqlite"; }
  Ledger open() const { return {file(), Ledger::Open::kOrNew}; }

  static JobRecord job(const std::string& id, double seconds) {
    JobRecord record;
    record.id = id;
    record.out = id + ".mp4";
    record.sound_seconds = seconds;
    record.key = id + " key";
    return record;
  }
};

TEST_F(LedgerTest, TheLongestIsTakenFirstAndOnlyOnce) {
  Ledger ledger = open();
  ledger.put({job("short", 1), job("long", 9), job("b", 5), job("a", 5)});
  for (const char* id : {"long", "a", "b", "short"}) EXPECT_EQ(ledger.take(1)->id, id);
  EXPECT_FALSE(ledger.take(1));
  EXPECT_EQ(ledger.state_of("a"), JobState::kRunning);
}

TEST_F(LedgerTest, KeepsWhatItWasToldInAnotherProcess) {
  JobResult result{"abc", 5, 25, 1.5, 2.5, "3", "def", "{}"};
  {
    Ledger ledger = open();
    ledger.put({job("done", 1), job("failed", 1), job("later", 1)});
    ledger.take(100);
    ledger.take(100);
    ledger.take(100);
    ledger.complete("done", result, 200);
    ledger.fail("failed", 3, "outer: inner", 201);
    ledger.retry_later("later", 4, "full", 202, 1000);
    ledger.set_fact("plan", "p");
  }
  Ledger ledger(file(), Ledger::Open::kExisting);
  const auto done = ledger.find("done");
  EXPECT_EQ(done->state, JobState::kDone);
  EXPECT_EQ(done->result.output_sha256, "abc");
  EXPECT_EQ(done->result.frames, 25);
  EXPECT_EQ(done->result.render_seconds, 2.5);
  EXPECT_EQ(done->started_ms, 100);
  EXPECT_EQ(done->ended_ms, 200);
  EXPECT_EQ(ledger.find("failed")->error, "outer: inner");
  EXPECT_EQ(ledger.find("failed")->error_code, 3);
  EXPECT_EQ(ledger.fact("plan"), "p");
  EXPECT_FALSE(ledger.take(999));
  EXPECT_EQ(ledger.next_due_ms(), 1000);
  EXPECT_EQ(ledger.take(1000)->id, "later");
  std::vector<std::string> results;
  for (const Attempt& attempt : ledger.attempts())
    results.push_back(attempt.id + " " + std::to_string(attempt.number) + " " + attempt.result);
  EXPECT_THAT(results, testing::UnorderedElementsAre("done 1 done", "failed 1 failed",
                                                     "later 1 failed", "later 2 "));
}

TEST_F(LedgerTest, RetryAndCancelChangeOnlyWhatTheyMay) {
  Ledger ledger = open();
  ledger.put({job("a", 3), job("b", 2), job("c", 1)});
  ledger.take(1);
  ledger.complete("a", {}, 2);
  ledger.take(1);
  ledger.fail("b", 3, "no face", 2);
  EXPECT_FALSE(ledger.cancel("a"));
  EXPECT_FALSE(ledger.cancel("b"));
  EXPECT_TRUE(ledger.cancel("c"));
  EXPECT_FALSE(ledger.take(9));
  EXPECT_FALSE(ledger.retry("a", 5));
  EXPECT_TRUE(ledger.retry("b", 5));
  EXPECT_TRUE(ledger.retry("c", 5));
  EXPECT_EQ(ledger.take(9)->id, "b");
  EXPECT_EQ(ledger.find("b")->error, "");
  EXPECT_FALSE(ledger.take(9)) << "its worker may not have ended yet";
  EXPECT_EQ(ledger.take(10'000)->id, "c");
}

TEST_F(LedgerTest, HandsOverEachEndOnce) {
  Ledger ledger = open();
  ledger.put({job("a", 3), job("b", 2)});
  ledger.take(1);
  ledger.take(1);
  ledger.complete("a", {}, 2);
  ledger.fail("b", 3, "no face", 3);
  EXPECT_THAT(ledger.not_handed_over(), ElementsAre("a", "b"));
  ledger.set_handed_over("a");
  JobRecord again = *ledger.find("a");
  ledger.put({again});  // as a resumed batch does
  EXPECT_THAT(ledger.not_handed_over(), ElementsAre("b"));
  again.key = "other";
  ledger.put({again});
  EXPECT_THAT(ledger.not_handed_over(), ElementsAre("a", "b"));
}

TEST_F(LedgerTest, RemembersHashesOfFilesThatHaveNotChanged) {
  Ledger ledger = open();
  ledger.remember_hash("/a.wav", 5, 77, "abc");
  EXPECT_EQ(ledger.known_hash("/a.wav", 5, 77), "abc");
  EXPECT_EQ(ledger.known_hash("/a.wav", 6, 77), "");
  EXPECT_EQ(ledger.known_hash("/a.wav", 5, 78), "");
}

TEST_F(LedgerTest, ANewerOneIsRefused) {
  open();
  sqlite3* database = nullptr;
  ASSERT_EQ(sqlite3_open(file().c_str(), &database), SQLITE_OK);
  sqlite3_exec(database, "PRAGMA user_version = 7", nullptr, nullptr, nullptr);
  sqlite3_close(database);
  try {
    open();
    FAIL() << "accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kUsage);
    EXPECT_THAT(error.what(),
                HasSubstr("ledger.sqlite: ledger of version 7: this program knows 1"));
  }
}

TEST_F(LedgerTest, ADamagedOneIsKeptAside) {
  {
    Ledger ledger = open();
    std::vector<JobRecord> many;
    for (int i = 0; i < 500; ++i) many.push_back(job(std::to_string(i), i));
    ledger.put(many);
  }
  {
    std::fstream bytes(file(), std::ios::in | std::ios::out | std::ios::binary);
    bytes.seekp(4096);
    for (int i = 0; i < 30'000; ++i) bytes.put('\x5A');
  }
  EXPECT_THROW(Ledger(file(), Ledger::Open::kExisting).records(), Error);
  std::string warning;
  Ledger ledger(file(), Ledger::Open::kOrNew,
                [&](LogLevel, std::string_view text) { warning = text; });
  EXPECT_THAT(warning, HasSubstr("the ledger is damaged and kept as ledger.sqlite.damaged-1"));
  EXPECT_TRUE(ledger.records().empty());
  EXPECT_TRUE(std::filesystem::exists(file().string() + ".damaged-1"));
}

TEST_F(LedgerTest, WhatALostOneLeftBesideIsNotTheNewOnes) {
  {
    Ledger ledger = open();
    ledger.put({job("a", 1)});
    std::filesystem::copy(file().string() + "-wal", folder_ / "wal");
  }
  std::filesystem::remove(file());
  std::filesystem::rename(folder_ / "wal", file().string() + "-wal");
  EXPECT_TRUE(open().records().empty());
}

TEST_F(LedgerTest, ATextFileIsNoLedger) {
  write("ledger.sqlite", std::string(5000, 'x'));
  EXPECT_TRUE(open().records().empty());
  EXPECT_EQ(cli::read_text(file().string() + ".damaged-1"), std::string(5000, 'x'));
}

}  // namespace
}  // namespace visema::batch
