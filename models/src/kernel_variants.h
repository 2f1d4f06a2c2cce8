#pragma once

#if defined(__x86_64__) && defined(__GNUC__)
#define VISEMA_X86_VARIANTS 1
#endif
#define VISEMA_INLINE static inline __attribute__((always_inline))

// Loops written once with vector types and compiled for AVX-512, AVX2 and the baseline:
//
//     template <typename V>
//     VISEMA_INLINE void scale_body(const ScaleJob& job) { .. vectors of kWidth<V> floats .. }
//     VISEMA_VARIANTS(scale, ScaleJob)   // scale(job) runs the widest that the processor has
//
// All that a body calls must be VISEMA_INLINE too; a lambda is not compiled for the variant.

namespace visema {

// As wide as the registers of each variant: GCC keeps wider ones in memory.
using Sse = float __attribute__((vector_size(16)));
using Avx2 = float __attribute__((vector_size(32)));
using Avx512 = float __attribute__((vector_size(64)));
template <typename V>
inline constexpr int kWidth = 1;
template <>
inline constexpr int kWidth<Sse> = 4;
template <>
inline constexpr int kWidth<Avx2> = 8;
template <>
inline constexpr int kWidth<Avx512> = 16;

#ifdef VISEMA_X86_VARIANTS
enum class VectorLevel { kBaseline, kAvx2, kAvx512 };
inline VectorLevel vector_level() {
  static const VectorLevel kLevel =
      __builtin_cpu_supports("avx512f")                                 ? VectorLevel::kAvx512
      : __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? VectorLevel::kAvx2
                                                                        : VectorLevel::kBaseline;
  return kLevel;
}
#define VISEMA_VARIANTS(name, Job)                                        \
  __attribute__((target("avx512f"))) void name##_avx512(const Job& job) { \
    name##_body<Avx512>(job);                                             \
  }                                                                       \
  __attribute__((target("avx2,fma"))) void name##_avx2(const Job& job) {  \
    name##_body<Avx2>(job);                                               \
  }                                                                       \
  void name##_baseline(const Job& job) {                                  \
    name##_body<Sse>(job);                                                \
  }                                                                       \
  void name(const Job& job) {                                             \
    switch (vector_level()) {                                             \
      case VectorLevel::kAvx512:                                          \
        return name##_avx512(job);                                        \
      case VectorLevel::kAvx2:                                            \
        return name##_avx2(job);                                          \
      case VectorLevel::kBaseline:                                        \
        return name##_baseline(job);                                      \
    }                                                                     \
  }
#else
#define VISEMA_VARIANTS(name, Job) \
  void name(const Job& job) {      \
    name##_body<Sse>(job);         \
  }
#endif

}  // namespace visema
