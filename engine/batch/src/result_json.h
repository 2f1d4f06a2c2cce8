#pragma once

#include <nlohmann/json.hpp>

#include "visema/batch/job_record.h"

namespace visema::batch {

nlohmann::ordered_json json_of(const JobResult& result);
/// Throws nlohmann::json::exception.
JobResult result_of(const nlohmann::ordered_json& json);

}  // namespace visema::batch
