#include "visema/batch/job_record.h"

#include "visema/core/error.h"

namespace visema::batch {

std::string_view name_of(JobState state) {
  switch (state) {
    case JobState::kWaiting:
      return "waiting";
    case JobState::kRunning:
      return "running";
    case JobState::kDone:
      return "done";
    case JobState::kFailed:
      return "failed";
    case JobState::kCancelled:
      break;
  }
  return "cancelled";
}

std::string_view cause_of(int code) {
  switch (code) {
    case static_cast<int>(ErrorCode::kUsage):
      return "usage";
    case static_cast<int>(ErrorCode::kInput):
      return "input";
    case static_cast<int>(ErrorCode::kOutput):
      return "output";
    case static_cast<int>(ErrorCode::kModel):
      return "model";
    case kRequirementFails:
      return "requirement";
    case kOverTime:
      return "over time";
    case kOverMemory:
      return "over memory";
    case kInputChanged:
      return "input changed";
    case kWorkerDied:
      return "worker died";
    case kPainterDied:
      return "painter died";
    default:
      return "internal";
  }
}

bool may_pass(int code) {
  return code == static_cast<int>(ErrorCode::kOutput) || code == kWorkerDied ||
         code == kPainterDied || code == kInputChanged;
}

JobCounts count(const std::vector<JobRecord>& records) {
  JobCounts counts;
  for (const JobRecord& record : records) switch (record.state) {
      case JobState::kWaiting:
        ++counts.waiting;
        break;
      case JobState::kRunning:
        ++counts.running;
        break;
      case JobState::kDone:
        ++counts.done;
        break;
      case JobState::kFailed:
        ++counts.failed;
        break;
      case JobState::kCancelled:
        ++counts.cancelled;
        break;
    }
  return counts;
}

}  // namespace visema::batch
