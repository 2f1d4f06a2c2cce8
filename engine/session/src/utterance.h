#pragma once

#include <memory>
#include <string>

#include "visema/audio/sound_input.h"

namespace visema::session {

struct SoundForm {
  int rate_hz = 0;
  int channels = 0;
};

/// A sound file as an utterance in the form of the session. Throws Error(kInput).
std::shared_ptr<SoundInput> utterance_of_file(const std::string& path, const SoundForm& session);

/// Raw samples, base64, that have the form `given`. Throws Error(kUsage).
std::shared_ptr<SoundInput> utterance_of_pcm(const std::string& base64, const std::string& format,
                                             const SoundForm& given, const SoundForm& session);

}  // namespace visema::session
