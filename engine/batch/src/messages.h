#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "visema/batch/job_record.h"
#include "visema/batch/work_order.h"

namespace visema::batch {

// What the batch and its workers say to each other, one JSON text a line.

struct Progress {
  double part = 0;  // 0..1 of the job
};
struct Warning {
  std::string text;
};
struct Finished {
  JobResult result;
  bool enrolled = false;  // the source was not in the cache
  session::PaintCounts painted;
};
struct Failed {
  int code = 0;  // ErrorCode
  std::string error;
};
using WorkerMessage = std::variant<Progress, Warning, Finished, Failed>;

std::string line_of(const WorkOrder& order);
std::string line_of(const WorkerMessage& message);
/// Throw nlohmann::json::exception.
WorkOrder order_of(const std::string& line);
WorkerMessage message_of(const std::string& line);

}  // namespace visema::batch
