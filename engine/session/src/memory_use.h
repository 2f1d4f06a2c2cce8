#pragma once

#include <malloc.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdint>
#include <fstream>

namespace visema::session {

/// The most memory that this process has held so far.
inline std::int64_t peak_rss_bytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<std::int64_t>(usage.ru_maxrss) * 1024;
}

/// The memory that this process holds now.
inline std::int64_t rss_bytes() {
  std::int64_t total = 0;
  std::int64_t resident = 0;
  std::ifstream("/proc/self/statm") >> total >> resident;
  return resident * sysconf(_SC_PAGESIZE);
}

/// Two heaps for all threads from now on, in place of up to eight a core: in each of those a
/// session that ends leaves pages behind that are free in part and cannot be given back.
inline void share_heaps() {
  constexpr int kHeaps = 2;
  mallopt(M_ARENA_MAX, kHeaps);
}

/// Gives free memory back to the system, which malloc would keep for the next picture.
inline void give_memory_back() {
  malloc_trim(0);
}

}  // namespace visema::session
