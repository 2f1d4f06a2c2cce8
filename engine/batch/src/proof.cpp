#include "proof.h"

#include "durable.h"
#include "paths.h"
#include "receipt.h"
#include "visema/core/error.h"
#include "visema/core/sha256.h"

namespace visema::batch {
namespace {

bool has_content(const std::filesystem::path& file, const JobResult& result) {
  std::error_code error;
  const auto bytes = std::filesystem::file_size(file, error);
  if (error || static_cast<std::int64_t>(bytes) != result.output_bytes) return false;
  try {
    return sha256_hex_of_file(file) == result.output_sha256;
  } catch (const Error&) {
    return false;
  }
}

}  // namespace

std::optional<JobResult> proof_of(const JobRecord& record,
                                  const std::optional<JobRecord>& remembered,
                                  const std::filesystem::path& out_dir) {
  std::optional<JobResult> result;
  const auto receipt = read_receipt(state_folder(out_dir), record.id);
  if (receipt && receipt->key == record.key && receipt->out == record.out)
    result = receipt->result;
  else if (!receipt && remembered && remembered->state == JobState::kDone &&
           remembered->key == record.key)
    result = remembered->result;
  if (!result || record.key.empty()) return std::nullopt;
  const auto out = out_dir / record.out;
  if (has_content(out, *result)) return result;
  const auto staging = staging_of(out);
  if (!has_content(staging, *result)) return std::nullopt;
  rename_durably(staging, out);
  return result;
}

}  // namespace visema::batch
