#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace visema {

enum class Device { kCpu, kCuda };
enum class Precision { kFloat, kBfloat16 };

/// What the user asks for.
struct ComputeRequest {
  std::string device = "auto";     // auto, cpu, cuda
  std::string precision = "auto";  // auto, fp32, bf16
  int threads = 0;                 // 0: as many as cores
};

/// What the networks run on.
struct Compute {
  Device device = Device::kCpu;
  Precision precision = Precision::kFloat;
  int threads = 1;
  std::string description;  // "cpu, bf16, 2 threads"
};

/// "auto" becomes CUDA where LibTorch and the machine have it, and bf16 where it is faster than
/// fp32. Keeps oneDNN from AMX where the machine shows it but does not have it, so call it before
/// the first network runs. Throws Error(kUsage) for a request that is unknown or cannot be met.
Compute resolve(const ComputeRequest& request);

/// Gives LibTorch `compute.threads` threads for the calls made from the calling thread.
void use(const Compute& compute);

std::string_view name_of(Device device);        // cpu, cuda
std::string_view name_of(Precision precision);  // fp32, bf16

/// Facts for `visema doctor`.
std::string torch_version();
/// Vector extensions of this processor that matter here: AVX2, AVX512_BF16, AMX_BF16, ...
std::vector<std::string> processor_features();
/// Whether "auto" takes bf16 on this processor.
bool bfloat16_is_faster();

}  // namespace visema
