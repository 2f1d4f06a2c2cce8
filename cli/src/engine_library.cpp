#include "engine_library.h"

#include <dlfcn.h>
#include <malloc.h>

#include <cstdlib>
#include <string>

#include "visema/core/error.h"
#include "visema/core/version.h"

namespace visema::cli {
namespace {

/// Pictures and tensors of a frame are given back and asked for again 25 times a second: glibc
/// keeps them instead of handing each to the kernel, which would clear every page anew.
void keep_memory() {
  constexpr int kLargestKept = 32 << 20;
  constexpr int kUnused = 256 << 20;
  mallopt(M_MMAP_THRESHOLD, kLargestKept);
  mallopt(M_TRIM_THRESHOLD, kUnused);
}

const session::Facade& load() {
  keep_memory();
  // Read by libgomp when it loads. Threads that spin at barriers make two threads 2 to 50 times
  // slower than one as soon as an encoder runs beside them.
  setenv("OMP_WAIT_POLICY", "passive", 0);
  // OpenBLAS's threads look for work all the time for a while after each product, and ours are too
  // small to share: a tenth of all time went into that.
  setenv("OPENBLAS_NUM_THREADS", "1", 0);
  void* library = dlopen(VISEMA_LIBRARY_FILE, RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr)
    throw Error(ErrorCode::kInternal, std::string("the engine cannot be loaded: ") + dlerror());
  const auto facade =
      reinterpret_cast<const session::Facade* (*)()>(dlsym(library, session::kFacadeSymbol));
  if (facade == nullptr)
    throw Error(ErrorCode::kInternal, std::string(VISEMA_LIBRARY_FILE) + ": " + dlerror());
  const session::Facade& engine = *facade();
  if (engine.version != std::string(kVersion))
    throw Error(ErrorCode::kInternal, std::string(VISEMA_LIBRARY_FILE) + ": version " +
                                          engine.version + ": this program needs " + kVersion);
  return engine;
}

}  // namespace

const session::Facade& load_engine() {
  static const session::Facade& engine = load();
  return engine;
}

}  // namespace visema::cli
