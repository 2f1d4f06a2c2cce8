#pragma once

// Compiles a hot loop once per instruction set; the loader picks. Not under sanitizers, whose
// runtimes are not up yet when it does.
#if defined(__x86_64__) && defined(__linux__) && defined(__GNUC__) && !defined(__clang__) && \
    !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define VISEMA_SIMD_CLONES __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define VISEMA_SIMD_CLONES
#endif
