#include "live_input.h"

#include "visema/audio/file_sound.h"
#include "visema/audio/microphone_sound.h"
#include "visema/audio/pcm_stream.h"
#include "visema/audio/trimmed_sound.h"
#include "visema/core/error.h"

namespace visema::session {
namespace {

constexpr std::string_view kMicrophone = "mic:";
constexpr int kMicrophoneRateHz = 48000;

bool is_raw(std::string_view text) {
  return text.starts_with("pcm:") || text.starts_with("tcp://") || text.starts_with("unix:");
}

std::unique_ptr<SoundInput> open_file(const std::string& text, const AudioReaderOptions& options) {
  try {
    return std::make_unique<FileSound>(text, options);
  } catch (const Error&) {
    if (!options.stop.stop_requested()) throw;
    throw Error(ErrorCode::kInterrupted, text + ": interrupted before it was open");
  }
}

}  // namespace

std::unique_ptr<SoundInput> open_live_input(const std::string& text, int rate_hz, LivePace pace,
                                            std::stop_token stop) {
  if (text == "queue") return nullptr;
  if (text == "mic" || text.starts_with(kMicrophone)) {
    const std::string device = text == "mic" ? "default" : text.substr(kMicrophone.size());
    return std::make_unique<MicrophoneSound>(device, rate_hz > 0 ? rate_hz : kMicrophoneRateHz);
  }
  if (is_raw(text)) {
    PcmSource source = PcmSource::parse(text);
    source.ends_with_writer = pace == LivePace::kOff;
    auto stream = std::make_unique<PcmStream>(source);
    if (pace == LivePace::kOff) return stream;
    return std::make_unique<TrimmedSound>(std::move(stream));
  }
  return open_file(text, {rate_hz, 0, std::move(stop)});
}

}  // namespace visema::session
