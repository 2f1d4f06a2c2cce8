#include "peak.h"

#include <benchmark/benchmark.h>

#include <chrono>

namespace visema::bench {
namespace {

constexpr int kChains = 12;  // enough to hide the latency of a multiply-add
constexpr int kRounds = 100'000;

/// Vectors of N floats; the attribute of the caller decides which registers hold them.
template <int N>
struct Lanes {
  typedef float Type __attribute__((vector_size(N * sizeof(float))));
};

#define VISEMA_MULTIPLY_ADD(NAME, TARGET, LANES)                           \
  __attribute__((target(TARGET), noinline)) void NAME() {                  \
    using Vector = Lanes<LANES>::Type;                                     \
    Vector sums[kChains] = {};                                             \
    const Vector factor = Vector{} + 0.999F;                               \
    const Vector term = Vector{} + 1e-6F;                                  \
    for (int round = 0; round < kRounds; ++round) {                        \
      _Pragma("GCC unroll 12") for (int i = 0; i < kChains; ++i) sums[i] = \
          sums[i] * factor + term;                                         \
    }                                                                      \
    for (Vector & sum : sums) benchmark::DoNotOptimize(sum);               \
  }

#if defined(__x86_64__)
VISEMA_MULTIPLY_ADD(multiply_add_512, "avx512f", 16)
VISEMA_MULTIPLY_ADD(multiply_add_256, "avx2,fma", 8)
#endif

double measure(void (*work)(), int lanes) {
  using Clock = std::chrono::steady_clock;
  work();
  const auto begin = Clock::now();
  int calls = 0;
  std::chrono::duration<double> elapsed{};
  do {
    work();
    ++calls;
    elapsed = Clock::now() - begin;
  } while (elapsed.count() < 0.2);
  return 2.0 * lanes * kChains * kRounds * calls / elapsed.count() * 1e-9;
}

}  // namespace

double peak_gflops() {
  static const double kPeak = [] {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512f")) return measure(multiply_add_512, 16);
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
      return measure(multiply_add_256, 8);
#endif
    return 0.0;
  }();
  return kPeak;
}

}  // namespace visema::bench
