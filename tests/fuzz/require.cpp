#include <cstdio>
#include <cstdlib>

#include "targets.h"

namespace visema::fuzz {

void require(bool holds, const char* promise) {
  if (holds) return;
  std::fprintf(stderr, "broken promise: %s\n", promise);
  std::abort();
}

}  // namespace visema::fuzz
