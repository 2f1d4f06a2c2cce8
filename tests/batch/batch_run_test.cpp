#include <gmock/gmock.h>
#include <signal.h>

#include <chrono>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <thread>

#include "batch_fixture.h"
#include "visema/batch/file_lock.h"
#include "visema/core/sha256.h"

namespace visema::batch {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;

constexpr int kUsage = 2;
constexpr int kInput = 3;
constexpr int kInterrupted = 130;
constexpr int kSomeFailed = 7;

TEST_F(BatchTest, RendersOnceAndVerifiesAfterwards) {
  write_jobs(4);
  const auto first = batch({"--report", "r.json"});
  ASSERT_EQ(first.code, 0) << first.err;
  EXPECT_THAT(first.out, HasSubstr("4 of 4 jobs done (0 before), 0 failed, 0 waiting"));
  expect_all_done_once(4);
  const json report = json::parse(cli::read_text(folder_ / "r.json"));
  EXPECT_EQ(report.at("rendered"), 4);
  EXPECT_EQ(report.at("enrolments"), 1);
  EXPECT_GT(report.at("peak_worker_rss_bytes"), 0);

  const auto again = batch();
  EXPECT_EQ(again.code, 2);
  EXPECT_THAT(again.err, HasSubstr("ledger.sqlite: is there from an earlier run: --resume"));
  const auto resumed = batch({"--resume"});
  EXPECT_EQ(resumed.code, 0) << resumed.err;
  EXPECT_THAT(resumed.out, HasSubstr("4 of 4 jobs done (4 before)"));
  expect_all_done_once(4);
}

TEST_F(BatchTest, OneThatFailsStopsNoOther) {
  write_jobs(3);
  write("noise.wav", "no sound at all");
  std::ofstream(folder_ / "jobs.jsonl", std::ios::app)
      << R"({"id": "bad", "source": "face.png", "audio": "noise.wav"})"
      << "\n";
  const auto finished = batch({"--report", "r.json"});
  EXPECT_EQ(finished.code, kSomeFailed) << finished.err;
  EXPECT_THAT(finished.err, HasSubstr("job bad failed: "));
  EXPECT_THAT(finished.out, HasSubstr("3 of 4 jobs done (0 before), 1 failed"));
  EXPECT_EQ(job("bad").state, JobState::kFailed);
  EXPECT_EQ(job("bad").error_code, kInput);
  EXPECT_EQ(job("bad").attempts, 1) << "no second attempt at what cannot pass";
  EXPECT_THAT(job("bad").error, HasSubstr("noise.wav"));
  const json report = json::parse(cli::read_text(folder_ / "r.json"));
  EXPECT_EQ(report.at("failures_by_cause").at("input"), 1);

  // It stays failed until its input changes.
  EXPECT_EQ(batch({"--resume"}).code, kSomeFailed);
  EXPECT_EQ(job("bad").attempts, 1);
  write_sound("noise.wav", 0.12);
  EXPECT_EQ(batch({"--resume"}).code, 0);
  expect_all_done_once(4);
}

TEST_F(BatchTest, FailFastLeavesTheRestWaiting) {
  write_jobs(4);
  write("long.wav", std::string(100'000, 'x'));
  write("jobs.jsonl", cli::read_text(folder_ / "jobs.jsonl") +
                          R"({"id": "bad", "source": "long.wav", "audio": "j0.wav"})" + "\n");
  std::filesystem::remove(folder_ / "j0.wav");
  write_sound("j0.wav", 2);  // the longest is first
  const auto finished = batch({"--fail-fast", "--workers", "1", "--report", "out/r/batch.json",
                               "--on-done", "echo $VISEMA_JOB_ID >>notes; exit 5"});
  EXPECT_EQ(finished.code, kSomeFailed) << finished.err;
  EXPECT_THAT(cli::read_text(folder_ / "notes"), HasSubstr("bad\n"));
  const json report = json::parse(cli::read_text(out() / "r/batch.json"));
  EXPECT_GE(report.at("on_done_failures"), 1);
  EXPECT_EQ(job("bad").state, JobState::kFailed);
  EXPECT_EQ(job("j1").state, JobState::kWaiting);
}

TEST_F(BatchTest, ChangedInputOptionsOrOutputAreDueAgain) {
  write_jobs(3);
  ASSERT_EQ(batch().code, 0);
  const std::string before = job("j0").result.output_sha256;
  write_sound("j0.wav", 0.28);
  std::string text = cli::read_text(folder_ / "jobs.jsonl");
  text.replace(text.find("ultrafast", text.find("j1.wav")), 9, "superfast");
  write("jobs.jsonl", text);
  { std::ofstream(out() / "j2.mp4", std::ios::app) << "damage"; }
  const auto finished = batch({"--resume"});
  EXPECT_EQ(finished.code, 0) << finished.err;
  EXPECT_THAT(finished.out, HasSubstr("3 of 3 jobs done (0 before)"));
  EXPECT_NE(job("j0").result.output_sha256, before);
  for (const char* id : {"j0", "j1", "j2"}) EXPECT_EQ(attempts(id, "done"), 2) << id;
  EXPECT_THAT(batch({"--resume"}).out, HasSubstr("(3 before)"));
}

TEST_F(BatchTest, OtherModelsMakeEveryJobDue) {
  write_jobs(1);
  ASSERT_EQ(batch().code, 0);
  const std::filesystem::path weights = VISEMA_BINARY_DIR "/share/visema/weights";
  std::filesystem::copy(weights, folder_ / "weights");
  EXPECT_THAT(batch({"--resume", "--weights", "weights"}).out, HasSubstr("(1 before)"))
      << "the same networks in another folder";
  std::ofstream(folder_ / "weights/speech.safetensors", std::ios::app) << ' ';
  const auto other = batch({"--resume", "--weights", "weights"});
  EXPECT_EQ(attempts("j0", "done") + attempts("j0", "failed"), 2) << other.out << other.err;
}

TEST_F(BatchTest, ALostOrDamagedLedgerIsBuiltAnewFromTheOutputs) {
  write_jobs(3);
  ASSERT_EQ(batch().code, 0);
  const std::string hash = job("j1").result.output_sha256;
  write("out/ledger.sqlite", std::string(9000, 'x'));
  const auto finished = batch({"--resume"});
  EXPECT_EQ(finished.code, 0) << finished.err;
  EXPECT_THAT(finished.err, HasSubstr("the ledger is damaged and kept as ledger.sqlite.damaged-1"));
  EXPECT_THAT(finished.out, HasSubstr("3 of 3 jobs done (3 before)"));
  EXPECT_EQ(job("j1").result.output_sha256, hash);
  EXPECT_EQ(job("j1").attempts, 0) << "nothing was rendered";

  std::filesystem::remove(out() / "ledger.sqlite");
  EXPECT_THAT(batch({"--resume"}).out, HasSubstr("(3 before)"));
}

TEST_F(BatchTest, TimeAndMemoryHaveLimits) {
  write_jobs(1);
  write_sound("j0.wav", 30);
  const auto slow = batch({"--job-minutes", "0.03"});
  EXPECT_EQ(slow.code, kSomeFailed);
  EXPECT_THAT(job("j0").error, HasSubstr("minutes of --job-minutes"));
  EXPECT_EQ(job("j0").attempts, 1);
  EXPECT_EQ(run({"batch", "retry", "out"}).out, "1 jobs wait again\n");
  EXPECT_EQ(batch({"--resume", "--job-memory-mib", "20"}).code, kSomeFailed);
  EXPECT_THAT(job("j0").error, HasSubstr("more memory than the 20 MiB"));
  for (const auto& entry : std::filesystem::directory_iterator(out()))
    EXPECT_NE(entry.path().extension(), ".mp4") << entry.path();
}

TEST_F(BatchTest, WorkersThatTheBatchEndsAreNotThoseThatCannotLive) {
  write_jobs(7);
  const auto finished = batch({"--job-memory-mib", "1"});
  EXPECT_EQ(finished.code, kSomeFailed) << finished.err;
  for (const JobRecord& record : jobs()) EXPECT_EQ(record.error_code, kOverMemory) << record.id;
}

TEST_F(BatchTest, StatusRetryAndCancel) {
  write_jobs(2);
  write("noise.wav", "no sound at all");
  write("jobs.jsonl", cli::read_text(folder_ / "jobs.jsonl") +
                          R"({"id": "b,\"ad", "source": "face.png", "audio": "noise.wav", )" +
                          R"("out": "bad.mp4"})" + "\n");
  ASSERT_EQ(batch().code, kSomeFailed);
  const auto table = run({"batch", "status", "out"});
  EXPECT_EQ(table.code, 0) << table.err;
  EXPECT_THAT(table.out, HasSubstr("3 jobs: 2 done, 1 failed, 0 running, 0 waiting, 0 cancelled"));
  const json status = json::parse(run({"batch", "status", "out", "--json"}).out);
  EXPECT_EQ(status.at("failed"), 1);
  EXPECT_EQ(status.at("jobs").at(2).at("cause"), "input");
  EXPECT_EQ(status.at("jobs").at(0).at("output_sha256"), sha256_hex_of_file(out() / "j0.mp4"));
  EXPECT_THAT(run({"batch", "status", "out", "--csv"}).out,
              AllOf(testing::StartsWith("id,line,state,"), HasSubstr("\"b,\"\"ad\",3,failed,1,")));

  EXPECT_EQ(run({"batch", "retry", "out", "--job", "j0"}).out, "0 jobs wait again\n");
  EXPECT_EQ(run({"batch", "retry", "out"}).out, "1 jobs wait again\n");
  EXPECT_EQ(run({"batch", "cancel", "out"}).out, "1 jobs are cancelled\n");
  EXPECT_EQ(batch({"--resume"}).code, 0) << "nobody wants the cancelled one";
  EXPECT_EQ(job("b,\"ad").state, JobState::kCancelled);
  EXPECT_EQ(run({"batch", "retry", "out", "--job", "*"}).out, "1 jobs wait again\n");
  EXPECT_EQ(run({"batch", "cancel", "out", "--job", ""}).code, kUsage);
  EXPECT_EQ(run({"batch", "cancel", "out", "--job", "", "--job", "b,\"ad"}).code, kUsage);
  EXPECT_THAT(run({"batch", "cancel", "out", "--job", "b,\"ad", "--job", "x"}).err,
              HasSubstr("x: no such job"));
  EXPECT_EQ(job("b,\"ad").state, JobState::kWaiting) << "nothing is changed where one is unknown";
  EXPECT_THAT(run({"batch", "status", "."}).err, HasSubstr("no ledger of a batch is here"));
}

TEST_F(BatchTest, HandsOverWhatHasEnded) {
  write_jobs(2);
  write("noise.wav", "no sound at all");
  write("jobs.jsonl", cli::read_text(folder_ / "jobs.jsonl") +
                          R"({"id": "bad", "source": "face.png", "audio": "noise.wav"})" + "\n");
  const std::string note =
      "echo $VISEMA_JOB_ID $VISEMA_JOB_STATE $(basename $VISEMA_JOB_OUT) "
      ">>" +
      (folder_ / "notes").string();
  EXPECT_EQ(batch({"--on-done", note}).code, kSomeFailed);
  EXPECT_EQ(batch({"--resume", "--on-done", note}).code, kSomeFailed);
  std::ifstream file(folder_ / "notes");
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  EXPECT_THAT(lines, testing::UnorderedElementsAre("j0 done j0.mp4", "j1 done j1.mp4",
                                                   "bad failed bad.mp4"));
}

TEST_F(BatchTest, AnInterruptDoesNotWaitLongForWhatHandsOver) {
  write_jobs(1);
  cli::Program program(command({"--on-done", "touch begun; sleep 300"}), folder_);
  for (int tenth = 0; tenth < 3000 && !std::filesystem::exists(folder_ / "begun"); ++tenth)
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  const auto before = std::chrono::steady_clock::now();
  program.signal(SIGINT);
  EXPECT_EQ(program.wait().code, kInterrupted);
  EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(60));
  EXPECT_EQ(batch({"--resume", "--on-done", "echo again >>notes"}).code, 0);
  EXPECT_EQ(cli::read_text(folder_ / "notes"), "again\n");
}

TEST_F(BatchTest, WaitsForTheLockOfABatchThatEnds) {
  write_jobs(1);
  std::filesystem::create_directories(out() / ".visema-batch");
  auto lock = FileLock::try_lock(out() / ".visema-batch/ledger.sqlite.lock");
  ASSERT_TRUE(lock);
  cli::Program program(command(), folder_);
  std::this_thread::sleep_for(std::chrono::seconds(3));
  lock.reset();
  const auto finished = program.wait();
  EXPECT_EQ(finished.code, 0) << finished.err;
  EXPECT_THAT(finished.err, HasSubstr("another batch works on ledger.sqlite; waiting up to 60 s"));
}

TEST_F(BatchTest, ARequirementThatDoesNotHoldFailsTheJob) {
  if (!std::filesystem::exists(VISEMA_BINARY_DIR "/share/visema/weights/sync.safetensors"))
    GTEST_SKIP() << "no weights of the sync network";
  write_jobs(1);
  write_sound("j0.wav", 1);
  const auto wrong = run(command({"--require", "stream.speed"}));
  EXPECT_EQ(wrong.code, 2) << wrong.err;
  const auto finished = batch({"--require", "silence.open_percent > 1000"});
  EXPECT_EQ(finished.code, kSomeFailed) << finished.err;
  EXPECT_EQ(job("j0").error_code, kRequirementFails);
  EXPECT_THAT(job("j0").error, HasSubstr("j0.rejected.mp4: a requirement does not hold: "));
  EXPECT_TRUE(std::filesystem::exists(out() / "j0.rejected.mp4"));
  EXPECT_FALSE(std::filesystem::exists(out() / "j0.mp4"));
  EXPECT_EQ(batch({"--resume", "--eval"}).code, 0) << "other requirements, so it is due again";
  EXPECT_THAT(job("j0").result.measures, HasSubstr("identity.mean"));
}

TEST_F(BatchTest, ShardsDivideAndMergeJoins) {
  write_jobs(5);
  ASSERT_EQ(batch({"--shard", "0/2"}).code, 0);
  const auto incomplete = run({"batch", "merge", "out"});
  EXPECT_EQ(incomplete.code, kSomeFailed);
  EXPECT_THAT(incomplete.out,
              AllOf(HasSubstr("missing ledger of shard 1 of 2"), HasSubstr("missing job j")));
  EXPECT_EQ(batch({"--shard", "0/3", "--resume"}).code, 2) << "another division";
  ASSERT_EQ(batch({"--shard", "1/2", "--resume"}).code, 0);
  const auto merged = run({"batch", "merge", "out"});
  EXPECT_EQ(merged.code, 0) << merged.out << merged.err;
  EXPECT_THAT(merged.out, HasSubstr("5 of 5 jobs done, 0 failed"));
  expect_all_done_once(5);
  EXPECT_EQ(Ledger(out() / "ledger.sqlite", Ledger::Open::kExisting).records().size(), 5U);
}

TEST_F(BatchTest, AWholeRunIsADivisionToo) {
  write_jobs(2);
  ASSERT_EQ(batch().code, 0);
  const auto refused = batch({"--shard", "0/2", "--resume"});
  EXPECT_EQ(refused.code, kUsage);
  EXPECT_THAT(refused.err, HasSubstr("out: ledger.sqlite is there: the number of shards must"));
}

TEST_F(BatchTest, MergedShardsGoOn) {
  write_jobs(2);
  for (const char* shard : {"0/2", "1/2"})
    ASSERT_EQ(batch({"--shard", shard, "--resume"}).code, 0) << shard;
  ASSERT_EQ(run({"batch", "merge", "out"}).code, 0);
  EXPECT_EQ(batch({"--shard", "0/2", "--resume"}).code, 0);
  EXPECT_EQ(batch({"--shard", "0/3", "--resume"}).code, kUsage);
}

TEST_F(BatchTest, OfDivisionsThatBeginTogetherOneGoesOn) {
  write_jobs(1);
  for (int round = 0; round < 2; ++round) {
    SCOPED_TRACE(round);
    std::filesystem::remove_all(out());
    std::vector<std::unique_ptr<cli::Program>> programs;
    for (const char* shard : {"0/1", "0/2", "0/3", "0/4", "0/5"})
      programs.push_back(std::make_unique<cli::Program>(command({"--shard", shard}), folder_));
    std::vector<int> codes;
    for (const auto& program : programs) codes.push_back(program->wait().code);
    EXPECT_THAT(codes, testing::UnorderedElementsAre(0, kUsage, kUsage, kUsage, kUsage));
  }
}

/// An input is written to after the batch has begun with its job: the job that runs is done with
/// what is there at its end.
TEST_F(BatchTest, AnInputThatChangesUnderWayIsRenderedAgain) {
  write_jobs(2);
  write_sound("j0.wav", 20);
  write_sound("other.wav", 0.12);
  cli::Program program(command({"--workers", "1"}), folder_);
  const auto video = out() / ".j0.batch.part.mp4";  // is begun after the sound
  for (int tenth = 0; tenth < 3000 && !std::filesystem::exists(video); ++tenth)
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  ASSERT_TRUE(std::filesystem::exists(video));
  for (const char* sound : {"j0.wav", "j1.wav"}) {  // whole at every moment
    std::filesystem::copy_file(folder_ / "other.wav", folder_ / "new.wav");
    std::filesystem::rename(folder_ / "new.wav", folder_ / sound);
  }
  const auto finished = program.wait();
  EXPECT_EQ(finished.code, 0) << finished.err;
  EXPECT_THAT(finished.err,
              HasSubstr("j0.wav: was changed while its job was under way; once more"));
  EXPECT_EQ(job("j0").result.output_sha256, job("j1").result.output_sha256);
  for (const JobRecord& record : jobs()) {
    EXPECT_EQ(record.sound_sha256, sha256_hex_of_file(folder_ / "other.wav")) << record.id;
    EXPECT_EQ(attempts(record.id, "done"), 1) << record.id;
  }
  EXPECT_EQ(attempts("j0", "failed"), 1);
  EXPECT_EQ(attempts("j1", "failed"), 0) << "it got its key when it began";
  EXPECT_THAT(batch({"--resume"}).out, HasSubstr("2 of 2 jobs done (2 before)"));
}

TEST_F(BatchTest, AJobThatChangesItsShardIsInOneLedger) {
  write_jobs(4);
  for (const char* shard : {"0/2", "1/2"})
    ASSERT_EQ(batch({"--shard", shard, "--resume"}).code, 0) << shard;
  write_sound("a.wav", 2);  // the longest changes who has the others
  write("jobs.jsonl", cli::read_text(folder_ / "jobs.jsonl") + job_line("a"));
  ASSERT_EQ(batch({"--shard", "0/2", "--resume"}).code, 0);
  const auto half = run({"batch", "merge", "out"});
  EXPECT_EQ(half.code, kSomeFailed) << half.out;
  EXPECT_THAT(half.out, HasSubstr("not run with the last job file: shard 1 of 2"));
  ASSERT_EQ(batch({"--shard", "1/2", "--resume"}).code, 0);
  const auto merged = run({"batch", "merge", "out"});
  EXPECT_EQ(merged.code, 0) << merged.out << merged.err;
  EXPECT_THAT(merged.out, HasSubstr("5 of 5 jobs done"));
  EXPECT_EQ(jobs().size(), 5U);
}

}  // namespace
}  // namespace visema::batch
