#include "peak.h"

#include <benchmark/benchmark.h>

#include <ctime>

namespace visema::bench {
namespace {

constexpr int kChains = 12;  // enough to hide the latency of a multiply-add
constexpr int kRounds = 100'000;
volatile float first_value = 1;  // not known to the compiler, so that the chains are not one

/// Vectors of N floats; the attribute of the caller decides which registers hold them.
template <int N>
struct Lanes {
  typedef float Type __attribute__((vector_size(N * sizeof(float))));
};

#define VISEMA_MULTIPLY_ADD(NAME, TARGET, LANES)                                                \
  __attribute__((target(TARGET), noinline)) void NAME() {                                       \
    using Vector = Lanes<LANES>::Type;                                                          \
    Vector sums[kChains];                                                                       \
    for (int i = 0; i < kChains; ++i) sums[i] = Vector{} + first_value * static_cast<float>(i); \
    const Vector factor = Vector{} + 0.999F;                                                    \
    const Vector term = Vector{} + 1e-6F;                                                       \
    for (int round = 0; round < kRounds; ++round)                                               \
      for (Vector & sum : sums) sum = sum * factor + term;                                      \
    Vector total = Vector{};                                                                    \
    for (const Vector& sum : sums) total += sum;                                                \
    benchmark::DoNotOptimize(total);                                                            \
  }

#if defined(__x86_64__)
VISEMA_MULTIPLY_ADD(multiply_add_512, "avx512f", 16)
VISEMA_MULTIPLY_ADD(multiply_add_256, "avx2,fma", 8)
#endif

/// Of this thread alone, so that a busy machine measures the same.
double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

double measure(void (*work)(), int lanes) {
  work();
  const double begin = cpu_seconds();
  int calls = 0;
  double elapsed = 0;
  do {
    work();
    ++calls;
    elapsed = cpu_seconds() - begin;
  } while (elapsed < 0.2);
  return 2.0 * lanes * kChains * kRounds * calls / elapsed * 1e-9;
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
