// libFuzzer's entry; VISEMA_FUZZ_TARGET names one function of targets.h.
#include <cstdint>

#include "targets.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  visema::fuzz::VISEMA_FUZZ_TARGET(std::as_bytes(std::span(data, size)));
  return 0;
}
