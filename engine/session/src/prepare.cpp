#include "visema/session/prepare.h"

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <fstream>
#include <map>
#include <mutex>
#include <set>
#include <thread>

#include "basis_fit.h"
#include "clip_processor.h"
#include "data_card.h"
#include "person_split.h"
#include "visema/core/error.h"

namespace visema::session {
namespace {

/// Hands clips to workers and takes the results back in the order of the list, with a bound on how
/// far the fastest worker may run ahead.
class OrderedWork {
 public:
  OrderedWork(const std::vector<ClipEntry>& clips, const PrepareOptions& options, int workers)
      : clips_(clips), options_(options), ahead_(static_cast<std::size_t>(4 * workers)) {
    for (int i = 0; i < workers; ++i)
      threads_.emplace_back([this](std::stop_token stop) { work(stop); });
  }

  ~OrderedWork() {
    for (auto& thread : threads_) thread.request_stop();
    changed_.notify_all();
  }

  /// The next clip's result, in order. Rethrows the first exception of a worker.
  ClipData next() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return failure_ || done_.contains(taken_); });
    if (failure_) std::rethrow_exception(failure_);
    ClipData clip = std::move(done_.extract(taken_++).mapped());
    changed_.notify_all();
    return clip;
  }

 private:
  void work(std::stop_token stop) try {
    ClipProcessor processor(options_.models, options_.limits,
                            options_.faces ? WholeFaces::kYes : WholeFaces::kNo);
    for (;;) {
      std::size_t index = 0;
      {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return stop.stop_requested() || given_ < taken_ + ahead_; });
        if (stop.stop_requested() || given_ == clips_.size()) return;
        index = given_++;
      }
      ClipData clip = processor.process(clips_[index]);
      const std::scoped_lock lock(mutex_);
      done_.emplace(index, std::move(clip));
      changed_.notify_all();
    }
  } catch (...) {
    const std::scoped_lock lock(mutex_);
    if (!failure_) failure_ = std::current_exception();
    changed_.notify_all();
  }

  const std::vector<ClipEntry>& clips_;
  const PrepareOptions& options_;
  const std::size_t ahead_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t given_ = 0;
  std::size_t taken_ = 0;
  std::map<std::size_t, ClipData> done_;
  std::exception_ptr failure_;
  std::vector<std::jthread> threads_;  // last: joined before the rest goes
};

constexpr const char* kBasisFile = "basis.safetensors";

void write_text(const std::filesystem::path& path, const std::string& text) {
  const auto part = std::filesystem::path(path.string() + ".part");
  if (!(std::ofstream(part) << text << std::flush))
    throw Error(ErrorCode::kOutput, part.string() + ": cannot be written");
  std::filesystem::rename(part, path);
}

int worker_count(int requested) {
  if (requested > 0) return requested;
  return static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
}

}  // namespace

PrepareReport prepare(const PrepareOptions& options, const ProgressSink& progress,
                      const LogSink& log, std::stop_token stop) {
  std::vector<ClipEntry> entries = read_clip_list(options.data);
  if (options.limit > 0 && static_cast<std::size_t>(options.limit) < entries.size()) {
    // Spread over the list, so that a small pack holds every source.
    std::vector<ClipEntry> chosen;
    for (std::int64_t i = 0; i < options.limit; ++i)
      chosen.push_back(entries[static_cast<std::size_t>(i) * entries.size() /
                               static_cast<std::size_t>(options.limit)]);
    entries = std::move(chosen);
  }

  const auto sync = options.models.weights / "sync.safetensors";
  if (log && !std::filesystem::exists(sync))
    log(LogLevel::kWarning, sync.string() +
                                ": is not there: sound and mouth are not compared, so no clip "
                                "loses its sound for being out of sync");

  PackWriter pack(options.out);
  {
    OrderedWork work(entries, options, worker_count(options.workers));
    for (std::size_t i = 0; i < entries.size(); ++i) {
      pack.add(work.next());
      const bool go_on = !progress || progress("prepare", static_cast<std::int64_t>(i + 1),
                                               static_cast<std::int64_t>(entries.size()));
      if (!go_on || stop.stop_requested())
        throw Error(ErrorCode::kInterrupted, "interrupted; the pack is not complete");
    }
  }
  pack.flush();
  cluster_unlabelled(pack.clips());
  split_by_person(pack.clips());
  fit_basis(pack.clips(), options.models, options.out / kBasisFile);
  write_text(options.out / "DATA_CARD.md",
             data_card(entries, pack.clips(), pack.checksum(kBasisFile)));
  pack.write_list(kBasisFile);

  PrepareReport report;
  std::set<std::string> persons;
  for (const ClipData& clip : pack.clips()) {
    if (!clip.dropped.empty()) {
      ++report.dropped;
      if (log) log(LogLevel::kWarning, clip.id + ": left out: " + clip.dropped);
      continue;
    }
    if (!clip.silenced.empty()) {
      ++report.silenced;
      if (log) log(LogLevel::kWarning, clip.id + ": its sound is left out: " + clip.silenced);
    }
    ++report.clips;
    report.frames += static_cast<std::int64_t>(clip.mesh.size());
    report.crops += static_cast<std::int64_t>(clip.crop_frame.size());
    persons.insert(clip.person);
  }
  report.persons = static_cast<std::int64_t>(persons.size());
  return report;
}

}  // namespace visema::session
