#include "visema/pipeline/thread_name.h"

#ifdef __linux__
#include <pthread.h>
#endif

namespace visema {

void name_this_thread([[maybe_unused]] const std::string& name) {
#ifdef __linux__
  constexpr std::size_t kLongest = 15;  // pthread_setname_np refuses more
  pthread_setname_np(pthread_self(), name.substr(0, kLongest).c_str());
#endif
}

}  // namespace visema
