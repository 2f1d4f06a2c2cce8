#include <torch/torch.h>
#include <torch/version.h>

#include <algorithm>
#include <cstdlib>
#include <thread>

#include "compute_tiles.h"
#include "visema/core/error.h"
#include "visema/models/compute.h"

namespace visema {
namespace {

constexpr int kMostThreads = 1024;

Device resolve_device(const std::string& wanted) {
  if (wanted == "cpu") return Device::kCpu;
  const bool available = torch::cuda::is_available();
  if (wanted == "auto") return available ? Device::kCuda : Device::kCpu;
  if (wanted != "cuda")
    throw Error(ErrorCode::kUsage, "device = " + wanted + ": must be auto, cpu or cuda");
  if (!available)
    throw Error(ErrorCode::kUsage,
                "device = cuda: this LibTorch (" + torch_version() + ") finds no CUDA device");
  return Device::kCuda;
}

Precision resolve_precision(const std::string& wanted, Device device) {
  if (wanted == "fp32") return Precision::kFloat;
  if (wanted == "bf16") return Precision::kBfloat16;
  if (wanted != "auto")
    throw Error(ErrorCode::kUsage, "precision = " + wanted + ": must be auto, fp32 or bf16");
  return device == Device::kCuda || bfloat16_is_faster() ? Precision::kBfloat16 : Precision::kFloat;
}

int resolve_threads(int wanted) {
  if (wanted < 0 || wanted > kMostThreads)
    throw Error(ErrorCode::kUsage, "threads = " + std::to_string(wanted) + ": must be in 0.." +
                                       std::to_string(kMostThreads) + ", 0 takes all cores");
  if (wanted > 0) return wanted;
  return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

}  // namespace

std::string torch_version() {
  return TORCH_VERSION;
}

Compute resolve(const ComputeRequest& request) {
  if (processor_tiles() == Tiles::kBroken) setenv("ONEDNN_MAX_CPU_ISA", "AVX512_CORE_BF16", 0);
  Compute compute;
  compute.device = resolve_device(request.device);
  compute.precision = resolve_precision(request.precision, compute.device);
  compute.threads = resolve_threads(request.threads);
  compute.description =
      std::string(name_of(compute.device)) + ", " + std::string(name_of(compute.precision)) + ", " +
      std::to_string(compute.threads) + (compute.threads == 1 ? " thread" : " threads");
  return compute;
}

void use(const Compute& compute) {
  if (at::get_num_threads() != compute.threads) at::set_num_threads(compute.threads);
}

}  // namespace visema
