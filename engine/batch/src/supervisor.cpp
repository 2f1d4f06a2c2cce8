#include "supervisor.h"

#include <poll.h>

#include <algorithm>
#include <cmath>

#include "paths.h"
#include "proof.h"
#include "visema/batch/wall_clock.h"
#include "visema/core/error.h"

namespace visema::batch {
namespace {

constexpr int kListenMs = 200;
constexpr auto kWatchInterval = std::chrono::milliseconds(500);
constexpr double kFirstPauseMs = 1000;  // before the second attempt; each other one four times that
constexpr double kLongestPauseMs = 300'000;
constexpr auto kHandOverPatience = std::chrono::seconds(3);  // when interrupted
/// Workers that end without a word before the batch gives up.
constexpr int kMostSilentDeaths = 5;

}  // namespace

Supervisor::Supervisor(const BatchOptions& options, Tools tools)
    : options_(options),
      tools_(std::move(tools)),
      hand_over_(options.on_done, options.out_dir, std::max(1, options.workers)),
      slots_(static_cast<std::size_t>(options.workers)) {}

void Supervisor::run(BatchReport& report) {
  report_ = &report;
  for (const JobRecord& record : tools_.ledger.records())
    if (record.state == JobState::kWaiting) sound_total_ += record.sound_seconds;
  const auto begin = Clock::now();
  for (;;) {
    if (tools_.stop.stop_requested() || !show()) {
      report.interrupted = true;
      break;
    }
    if (failed_ && options_.fail_fast) break;
    start_jobs();
    hand_over_.advance(tools_.ledger, tools_.log);
    if (!any_job() && !hand_over_.busy() && !tools_.ledger.next_due_ms()) break;
    listen();
    watch();
  }
  abandon();
  if (tools_.painter) {
    report.painters = tools_.painter->started();
    report.peak_painter_rss_bytes = tools_.painter->peak_rss_bytes();
  }
  hand_over_rest();
  report.on_done_failures = hand_over_.failures();
  report.wall_seconds = std::chrono::duration<double>(Clock::now() - begin).count();
}

/// Everything that has ended; when interrupted, what is under way, and not for long.
void Supervisor::hand_over_rest() {
  if (!report_->interrupted) hand_over_.advance(tools_.ledger, tools_.log);
  auto end = Clock::time_point::max();
  while (hand_over_.busy() && Clock::now() < end) {
    poll(nullptr, 0, kListenMs);
    report_->interrupted = report_->interrupted || tools_.stop.stop_requested();
    if (report_->interrupted) {
      end = std::min(end, Clock::now() + kHandOverPatience);
      hand_over_.reap(tools_.ledger, tools_.log);
    } else {
      hand_over_.advance(tools_.ledger, tools_.log);
    }
  }
}

bool Supervisor::any_job() const {
  return std::any_of(slots_.begin(), slots_.end(),
                     [](const Slot& slot) { return slot.job.has_value(); });
}

void Supervisor::say(LogLevel level, const std::string& text) const {
  if (tools_.log) tools_.log(level, text);
}

void Supervisor::start_jobs() {
  for (Slot& slot : slots_) {
    if (slot.job) continue;
    auto job = tools_.ledger.take(now_ms());
    if (!job) return;
    ++report_->attempts;
    if (!slot.process) {
      slot.process = std::make_unique<WorkerProcess>(options_.worker, tools_.lock);
      slot.answered = false;
    }
    const std::string order = line_of(tools_.order_of(*job));
    slot.job = std::move(job);
    slot.began = Clock::now();
    slot.part = 0;
    slot.over = 0;
    if (!slot.process->send(order)) lose(slot, EndedBy::kItself);
  }
}

void Supervisor::listen() {
  std::vector<pollfd> sockets;
  std::vector<Slot*> owners;
  for (Slot& slot : slots_) {
    if (!slot.process) continue;
    sockets.push_back({slot.process->descriptor(), POLLIN, 0});
    owners.push_back(&slot);
  }
  if (tools_.painter) sockets.push_back(tools_.painter->news());
  if (poll(sockets.data(), sockets.size(), kListenMs) <= 0) return;
  for (std::size_t i = 0; i < owners.size(); ++i)
    if (sockets[i].revents != 0) hear(*owners[i]);
  if (tools_.painter && sockets.back().revents != 0) tools_.painter->attend();
}

void Supervisor::hear(Slot& slot) {
  std::vector<std::string> lines;
  const bool open = slot.process->receive(lines);
  for (const std::string& line : lines) {
    slot.answered = true;
    silent_deaths_ = 0;
    take(slot, message_of(line));
  }
  if (!open) lose(slot, EndedBy::kItself);
}

void Supervisor::take(Slot& slot, const WorkerMessage& message) {
  if (!slot.job) return;
  if (const auto* progress = std::get_if<Progress>(&message)) {
    slot.part = progress->part;
  } else if (const auto* warning = std::get_if<Warning>(&message)) {
    say(LogLevel::kWarning, slot.job->id + ": " + warning->text);
  } else if (const auto* finished = std::get_if<Finished>(&message)) {
    report_->enrolments += finished->enrolled ? 1 : 0;
    report_->painted += finished->painted;
    complete(slot, finished->result);
  } else if (const auto* failed = std::get_if<Failed>(&message)) {
    end_badly(slot, failed->code, failed->error);
  }
}

/// The process has ended, or ends here.
void Supervisor::lose(Slot& slot, EndedBy by) {
  const std::string how = slot.process->end();
  slot.process.reset();
  if (by == EndedBy::kItself && !slot.answered && ++silent_deaths_ >= kMostSilentDeaths)
    throw Error(ErrorCode::kInternal, options_.worker.front() +
                                          ": no worker lives long enough to "
                                          "take a job; the last " +
                                          how);
  if (!slot.job) return;
  // It may have died between its last act and its answer.
  if (const auto proof = proof_of(*slot.job, std::nullopt, options_.out_dir)) {
    complete(slot, *proof);
    return;
  }
  const std::string& id = slot.job->id;
  if (slot.over == kOverTime)
    end_badly(slot, kOverTime,
              id + ": took longer than the " + std::to_string(options_.job_minutes) +
                  " minutes of --job-minutes");
  else if (slot.over == kOverMemory)
    end_badly(slot, kOverMemory,
              id + ": the worker needed more memory than the " +
                  std::to_string(options_.job_memory_bytes >> 20) + " MiB of --job-memory-mib");
  else
    end_badly(slot, kWorkerDied, id + ": the worker " + how);
}

void Supervisor::complete(Slot& slot, const JobResult& result) {
  tools_.ledger.complete(slot.job->id, result, now_ms());
  ++report_->rendered;
  report_->video_seconds += result.sound_seconds;
  report_->render_seconds += result.render_seconds;
  sound_done_ += slot.job->sound_seconds;
  slot.job.reset();
}

void Supervisor::end_badly(Slot& slot, int code, const std::string& error) {
  const JobRecord job = *std::exchange(slot.job, std::nullopt);
  remove_staging(options_.out_dir / job.out);
  if (code == static_cast<int>(ErrorCode::kInterrupted)) {
    tools_.ledger.give_back(job.id, now_ms());
    return;
  }
  if (tools_.ledger.state_of(job.id) != JobState::kRunning) return;  // cancelled
  const int before = may_pass(code) ? failures_[job.id]++ : options_.retries;
  if (before < options_.retries) {
    const auto pause_ms =
        static_cast<std::int64_t>(std::min(kLongestPauseMs, kFirstPauseMs * std::pow(4, before)));
    say(LogLevel::kWarning, error + "; once more");
    tools_.ledger.retry_later(job.id, code, error, now_ms(), now_ms() + pause_ms);
    return;
  }
  say(LogLevel::kWarning, "job " + job.id + " failed: " + error);
  tools_.ledger.fail(job.id, code, error, now_ms());
  sound_done_ += job.sound_seconds;
  failed_ = true;
}

void Supervisor::watch() {
  if (Clock::now() - watched_ < kWatchInterval) return;
  watched_ = Clock::now();
  if (tools_.painter) tools_.painter->watch();
  for (Slot& slot : slots_) {
    if (!slot.process) continue;
    kill_if_over(slot);
    if (!slot.job || tools_.ledger.state_of(slot.job->id) == JobState::kRunning) continue;
    lose(slot, EndedBy::kSupervisor);
  }
}

void Supervisor::kill_if_over(Slot& slot) {
  const std::int64_t bytes = slot.process->resident_bytes();
  report_->peak_worker_rss_bytes = std::max(report_->peak_worker_rss_bytes, bytes);
  if (!slot.job) return;
  const std::chrono::duration<double> taken = Clock::now() - slot.began;
  if (options_.job_minutes > 0 && taken.count() > options_.job_minutes * 60)
    slot.over = kOverTime;
  else if (options_.job_memory_bytes > 0 && bytes > options_.job_memory_bytes)
    slot.over = kOverMemory;
  if (slot.over != 0) lose(slot, EndedBy::kSupervisor);
}

/// Ends the workers; jobs under way wait again.
void Supervisor::abandon() {
  for (Slot& slot : slots_) {
    if (!slot.process) continue;
    slot.process.reset();
    if (!slot.job) continue;
    if (const auto proof = proof_of(*slot.job, std::nullopt, options_.out_dir))
      complete(slot, *proof);
    else
      end_badly(slot, static_cast<int>(ErrorCode::kInterrupted), "");
  }
}

bool Supervisor::show() const {
  if (!tools_.progress) return true;
  double done = sound_done_;
  for (const Slot& slot : slots_)
    if (slot.job) done += slot.part * slot.job->sound_seconds;
  const auto ms = [](double seconds) { return static_cast<std::int64_t>(seconds * 1000); };
  return tools_.progress("batch", ms(done), std::max(ms(sound_total_), ms(done)));
}

}  // namespace visema::batch
