#include "visema/models/compute.h"

#include <algorithm>

#include "compute_tiles.h"
#if defined(__x86_64__)
#include <cpuid.h>
#endif

namespace visema {
namespace {

#if defined(__x86_64__)
struct Registers {
  unsigned a = 0, b = 0, c = 0, d = 0;
};

Registers cpuid(unsigned leaf, unsigned subleaf) {
  Registers r;
  __get_cpuid_count(leaf, subleaf, &r.a, &r.b, &r.c, &r.d);
  return r;
}

/// State components that the operating system saves (XCR0).
unsigned saved_state() {
  if ((cpuid(1, 0).c & (1U << 27)) == 0) return 0;
  unsigned low = 0;
  unsigned high = 0;
  __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return low;
}

/// Intel's AVX512_BF16 without tiles was measured at half the speed of fp32, AMD's at twice.
bool made_by_amd() {
  const Registers zero = cpuid(0, 0);
  return zero.b == signature_AMD_ebx && zero.c == signature_AMD_ecx && zero.d == signature_AMD_edx;
}
#else
bool made_by_amd() {
  return false;
}
#endif

}  // namespace

std::string_view name_of(Device device) {
  return device == Device::kCuda ? "cuda" : "cpu";
}

std::string_view name_of(Precision precision) {
  return precision == Precision::kBfloat16 ? "bf16" : "fp32";
}

std::vector<std::string> processor_features() {
  std::vector<std::string> features;
#if defined(__x86_64__)
  constexpr unsigned kAvxState = 0x6;
  constexpr unsigned kAvx512State = 0xE6;
  constexpr unsigned kTileState = 0x60000;
  const unsigned state = saved_state();
  const Registers seven = cpuid(7, 0);
  const Registers seven_one = seven.a >= 1 ? cpuid(7, 1) : Registers{};
  const auto add = [&](bool has, unsigned needs, const char* name) {
    if (has && (state & needs) == needs) features.emplace_back(name);
  };
  add((seven.b >> 5 & 1U) != 0, kAvxState, "AVX2");
  add((seven.b >> 16 & 1U) != 0, kAvx512State, "AVX512F");
  add((seven.c >> 11 & 1U) != 0, kAvx512State, "AVX512_VNNI");
  add((seven_one.a >> 5 & 1U) != 0, kAvx512State, "AVX512_BF16");
  const bool tiles = processor_tiles() == Tiles::kUsable;
  add(tiles && (seven.d >> 22 & 1U) != 0, kTileState, "AMX_BF16");
  add(tiles && (seven.d >> 25 & 1U) != 0, kTileState, "AMX_INT8");
#endif
  return features;
}

Tiles processor_tiles() {
#if defined(__x86_64__)
  if ((cpuid(7, 0).d >> 24 & 1U) == 0) return Tiles::kNone;
  return cpuid(0, 0).a >= 0x1D && cpuid(0x1D, 0).a > 0 ? Tiles::kUsable : Tiles::kBroken;
#else
  return Tiles::kNone;
#endif
}

bool bfloat16_is_faster() {
  const std::vector<std::string> features = processor_features();
  const auto has = [&](const char* name) {
    return std::find(features.begin(), features.end(), name) != features.end();
  };
  return has("AMX_BF16") || (has("AVX512_BF16") && made_by_amd());
}

}  // namespace visema
