#include "batch_fixture.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <thread>

#include "session_fixture.h"
#include "visema/batch/status.h"
#include "visema/core/sha256.h"
#include "visema/media/probe.h"

namespace visema::batch {
namespace {

const std::filesystem::path kFace = VISEMA_SOURCE_DIR "/.cache/demo/astronaut.png";
constexpr int kRateHz = 16000;

}  // namespace

void BatchTest::SetUp() {
  ProgramTest::SetUp();
  const auto models = session::built_models();
  if (!std::filesystem::exists(models.models / "face_mesh.safetensors") ||
      !std::filesystem::exists(models.weights / "renderer.safetensors"))
    GTEST_SKIP() << "the networks are not set up: run make build";
  if (!std::filesystem::exists(kFace))
    GTEST_SKIP() << kFace << " is not there: run scripts/setup.sh demo";
  std::filesystem::copy_file(kFace, folder_ / "face.png");
}

void BatchTest::write_sound(const std::string& name, double seconds) const {
  std::vector<float> samples(static_cast<std::size_t>(seconds * kRateHz));
  const double hz = 110 + static_cast<double>(std::hash<std::string>()(name) % 100);
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const double t = static_cast<double>(i) / kRateHz;
    for (int harmonic = 1; harmonic < 12; ++harmonic)
      samples[i] += static_cast<float>(0.05 * std::sin(2 * M_PI * hz * harmonic * t));
  }
  session::write_wav(folder_ / name, samples, kRateHz);
}

std::string BatchTest::job_line(const std::string& id, const std::string& more) {
  return R"({"id": ")" + id + R"(", "source": "face.png", "audio": ")" + id + R"(.wav", )" +
         R"("preset": "ultrafast")" + more + "}\n";
}

void BatchTest::write_jobs(int count) const {
  std::string lines;
  for (int i = 0; i < count; ++i) {
    const std::string id = std::string("j").append(std::to_string(i));
    write_sound(id + ".wav", 0.12 + 0.04 * (i % 3));
    lines += job_line(id);
  }
  write("jobs.jsonl", lines);
}

std::vector<std::string> BatchTest::command(std::vector<std::string> more) const {
  std::vector<std::string> all = {"batch", "jobs.jsonl", "--out-dir", "out", "--workers", "2"};
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

cli::Finished BatchTest::batch(std::vector<std::string> more) const {
  return run(command(std::move(more)));
}

std::vector<JobRecord> BatchTest::jobs() const {
  return jobs_in(out());
}

JobRecord BatchTest::job(const std::string& id) const {
  for (JobRecord& record : jobs())
    if (record.id == id) return record;
  ADD_FAILURE() << "no job " << id;
  return {};
}

std::vector<int> BatchTest::processes(const std::string& command) const {
  std::vector<int> found;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator("/proc", ignored)) {
    if (cli::read_text(entry.path() / "cmdline").find(command) == std::string::npos) continue;
    if (std::filesystem::read_symlink(entry.path() / "cwd", ignored) == folder_)
      found.push_back(std::atoi(entry.path().filename().c_str()));
  }
  return found;
}

int BatchTest::process(const std::string& command) const {
  for (int tenth = 0; tenth < 3000; ++tenth) {
    if (const auto found = processes(command); !found.empty()) return found.front();
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  return 0;
}

int BatchTest::attempts(const std::string& id, const std::string& result) const {
  int count = 0;
  for (const auto& file : ledgers_in(out()))
    for (const Attempt& attempt : Ledger(file, Ledger::Open::kExisting).attempts())
      count += attempt.id == id && attempt.result == result ? 1 : 0;
  return count;
}

void BatchTest::expect_all_done_once(int count) const {
  const auto records = jobs();
  EXPECT_EQ(records.size(), static_cast<std::size_t>(count));
  for (const JobRecord& record : records) {
    SCOPED_TRACE(record.id);
    EXPECT_EQ(record.state, JobState::kDone) << record.error;
    EXPECT_EQ(attempts(record.id, "done"), 1);
    ASSERT_TRUE(std::filesystem::exists(out() / record.out));
    EXPECT_EQ(sha256_hex_of_file(out() / record.out), record.result.output_sha256);
    const MediaInfo info = probe(out() / record.out, ProbeDepth::kDecoded);
    ASSERT_NE(info.first(StreamKind::kVideo), nullptr);
    EXPECT_EQ(info.first(StreamKind::kVideo)->frames, record.result.frames);
    EXPECT_EQ(record.result.frames, static_cast<int>(std::ceil(record.sound_seconds * 25 - 1e-6)));
  }
  int videos = 0;
  for (const auto& entry : std::filesystem::directory_iterator(out())) {
    const std::string name = entry.path().filename().string();
    if (entry.path().extension() != ".mp4") continue;
    EXPECT_FALSE(name.starts_with(".")) << name;
    ++videos;
  }
  EXPECT_EQ(videos, count);
}

}  // namespace visema::batch
