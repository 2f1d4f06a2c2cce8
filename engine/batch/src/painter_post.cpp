#include "painter_post.h"

#include <fcntl.h>

#include <algorithm>

#include "visema/batch/worker.h"
#include "visema/core/error.h"

namespace visema::batch {
namespace {

/// Painters that end without a word before the batch gives up.
constexpr int kMostSilentDeaths = 5;

}  // namespace

PainterPost::PainterPost(std::vector<std::string> command, int lock, LogSink log)
    : command_(std::move(command)),
      lock_(lock),
      log_(std::move(log)),
      inherited_(fcntl(listener_.number(), F_DUPFD_CLOEXEC, kPainterListener + 1)) {}

pollfd PainterPost::news() const {
  return {painter_ ? painter_->descriptor() : listener_.number(), POLLIN, 0};
}

void PainterPost::start() {
  if (painter_) return;
  painter_ = std::make_unique<WorkerProcess>(command_, lock_, inherited_.number());
  ++started_;
}

void PainterPost::attend() {
  if (!painter_) {
    start();
    return;
  }
  std::vector<std::string> lines;
  const bool alive = painter_->receive(lines);
  if (!lines.empty()) silent_deaths_ = 0;
  if (alive) return;
  const std::string how = "the painter " + painter_->end();
  painter_.reset();
  if (++silent_deaths_ >= kMostSilentDeaths)
    throw Error(ErrorCode::kInternal,
                command_.front() + ": no painter lives long enough to paint; the last: " + how);
  if (log_) log_(LogLevel::kWarning, how + "; another one is started when it is needed");
}

void PainterPost::watch() {
  if (painter_) peak_rss_bytes_ = std::max(peak_rss_bytes_, painter_->resident_bytes());
}

}  // namespace visema::batch
