#include "live_input.h"

#include "visema/audio/file_sound.h"

namespace visema::session {

std::unique_ptr<SoundInput> open_live_input(const std::string& text, int rate_hz) {
  if (text == "queue") return nullptr;
  return std::make_unique<FileSound>(text, AudioReaderOptions{rate_hz, 0});
}

}  // namespace visema::session
