#include "training_setup_torch.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <thread>

#include "budget_flags.h"
#include "compute_device_torch.h"
#include "pack_number.h"
#include "visema/core/error.h"

namespace visema::training {
namespace {

Compute compute_of(const Flags& flags) {
  if (flags.has("from") && flags.has("resume"))
    throw Error(ErrorCode::kUsage, "--from and --resume: one of them at most");
  const Compute compute =
      resolve({flags.text("device"), "fp32", static_cast<int>(flags.integer("threads", 0, 1024))});
  use(compute);
  return compute;
}

}  // namespace

TrainingSetup::TrainingSetup(const Flags& all)
    : flags(all),
      pack(flags.text("pack")),
      out(flags.text("out")),
      checkpoint(out.string() + ".ckpt"),
      log(flags.has("log") ? flags.text("log") : ""),
      seed(static_cast<std::uint64_t>(flags.integer("seed", 0, 1LL << 62))),
      validate_minutes(flags.real("validate", 0.001, 1e6)),
      budget(read_budget(flags)),
      compute(compute_of(flags)),
      device(torch_device(compute)) {}

std::size_t TrainingSetup::ahead() const {
  return device.is_cuda() ? std::clamp<std::size_t>(std::thread::hardware_concurrency(), 2, 12) : 1;
}

void TrainingSetup::require_pack(const std::map<std::string, double>& progress) const {
  const auto found = progress.find("pack");
  if (found == progress.end() || found->second != pack_number(pack))
    throw Error(ErrorCode::kUsage,
                flags.text("resume") + ": is of another training pack than " + flags.text("pack"));
}

void TrainingSetup::count_refused() {
  constexpr int kMost = 100;
  if (++refused_ > kMost)
    throw Error(ErrorCode::kInternal, "the loss is not a finite number any more");
}

nlohmann::ordered_json TrainingSetup::card(std::int64_t steps, double minutes) const {
  return {{"command", flags.line()},
          {"pack_sha256", pack.sha256()},
          {"steps", steps},
          {"minutes", std::round(minutes * 10) / 10}};
}

}  // namespace visema::training
