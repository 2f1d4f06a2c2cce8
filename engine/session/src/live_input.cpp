#include "live_input.h"

#include "visema/audio/file_sound.h"
#include "visema/audio/microphone_sound.h"
#include "visema/audio/pcm_stream.h"

namespace visema::session {
namespace {

constexpr std::string_view kMicrophone = "mic:";
constexpr int kMicrophoneRateHz = 48000;

bool is_raw(std::string_view text) {
  return text.starts_with("pcm:") || text.starts_with("tcp://") || text.starts_with("unix:");
}

}  // namespace

std::unique_ptr<SoundInput> open_live_input(const std::string& text, int rate_hz) {
  if (text == "queue") return nullptr;
  if (text == "mic" || text.starts_with(kMicrophone)) {
    const std::string device = text == "mic" ? "default" : text.substr(kMicrophone.size());
    return std::make_unique<MicrophoneSound>(device, rate_hz > 0 ? rate_hz : kMicrophoneRateHz);
  }
  if (is_raw(text)) return std::make_unique<PcmStream>(PcmSource::parse(text));
  return std::make_unique<FileSound>(text, AudioReaderOptions{rate_hz, 0});
}

}  // namespace visema::session
