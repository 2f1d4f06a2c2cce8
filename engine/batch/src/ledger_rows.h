#pragma once

#include <string>

#include "sqlite.h"
#include "visema/batch/job_record.h"

namespace visema::batch {

/// Columns of the table `job`, in the order of the functions below.
extern const char* const kJobColumns;

JobState state_named(const std::string& name);
JobRecord record_of(const Statement& row);
void bind(Statement& statement, const JobRecord& record);

}  // namespace visema::batch
