#include "capture_stream.h"

#include <portaudio.h>

#include <algorithm>
#include <array>
#include <mutex>

#include "quiet_errors.h"
#include "visema/core/error.h"

namespace visema {
namespace {

constexpr int kMostChannels = 8;

/// PortAudio's functions are not made for several threads.
std::mutex mutex;
int users = 0;  // under mutex

[[noreturn]] void fail(const std::string& device, const std::string& what, PaError code) {
  std::string cause = Pa_GetErrorText(code);
  if (code == paUnanticipatedHostError) cause = Pa_GetLastHostErrorInfo()->errorText;
  throw Error(ErrorCode::kInput, "microphone \"" + device + "\": " + what + ": " + cause);
}

PaStreamParameters parameters(int device, int channels) {
  return {device, channels, paFloat32, Pa_GetDeviceInfo(device)->defaultLowInputLatency, nullptr};
}

}  // namespace

PortAudio::PortAudio() {
  const std::lock_guard lock(mutex);
  if (users > 0) {
    ++users;
    return;
  }
  const QuietErrors quiet;
  const PaError code = Pa_Initialize();
  if (code != paNoError)
    throw Error(ErrorCode::kInput,
                std::string("PortAudio cannot be started: ") + Pa_GetErrorText(code));
  ++users;
}

PortAudio::~PortAudio() {
  const std::lock_guard lock(mutex);
  if (--users > 0) return;
  const QuietErrors quiet;
  Pa_Terminate();
}

std::vector<SoundDevice> PortAudio::devices() const {
  const std::lock_guard lock(mutex);
  std::vector<SoundDevice> all;
  for (int i = 0; i < Pa_GetDeviceCount(); ++i) {
    const PaDeviceInfo* info = Pa_GetDeviceInfo(i);
    if (info->maxInputChannels > 0)
      all.push_back({i, info->name, Pa_GetHostApiInfo(info->hostApi)->name, info->maxInputChannels,
                     info->defaultSampleRate, i == Pa_GetDefaultInputDevice()});
  }
  return all;
}

std::vector<SoundDevice> sound_devices() {
  return PortAudio().devices();
}

struct CaptureStream::Callback {
  static int run(const void* input, void*, unsigned long frames, const PaStreamCallbackTimeInfo*,
                 PaStreamCallbackFlags, void* self) {
    if (input != nullptr)
      static_cast<CaptureStream*>(self)->take(static_cast<const float*>(input), frames);
    return paContinue;
  }
};

CaptureStream::CaptureStream(const std::string& wanted, int rate_hz, SpscRing& ring) : ring_(ring) {
  const std::vector<SoundDevice> devices = port_audio_.devices();
  const SoundDevice& device = find_device(devices, wanted);
  name_ = device.name;
  const std::lock_guard lock(mutex);
  const PaError code = start(device, rate_hz);
  if (code == paNoError) return;
  Pa_CloseStream(stream_);
  fail(name_, "cannot be started", code);
}

int CaptureStream::start(const SoundDevice& device, int rate_hz) {
  const QuietErrors quiet;
  open(device, rate_hz);
  return Pa_StartStream(stream_);
}

void CaptureStream::open(const SoundDevice& device, int rate_hz) {
  const int default_rate_hz = static_cast<int>(device.default_rate_hz);
  PaError code = paNoError;
  for (const int channels : {1, std::min(device.channels, kMostChannels)}) {
    for (const int rate : {rate_hz, default_rate_hz}) {
      const PaStreamParameters input = parameters(device.number, channels);
      code = Pa_OpenStream(&stream_, &input, nullptr, rate, paFramesPerBufferUnspecified, paNoFlag,
                           Callback::run, this);
      if (code != paNoError) continue;
      channels_ = channels;
      rate_hz_ = rate;
      return;
    }
  }
  fail(device.name, "cannot be opened", code);
}

CaptureStream::~CaptureStream() {
  const std::lock_guard lock(mutex);
  // Not quiet: they hang where a sound server does, and standard error would be lost until then.
  Pa_AbortStream(stream_);
  Pa_CloseStream(stream_);
}

bool CaptureStream::stopped() const {
  return Pa_IsStreamActive(stream_) != 1;
}

void CaptureStream::take(const float* samples, std::size_t frames) {
  samples_.fetch_add(static_cast<std::int64_t>(frames), std::memory_order_relaxed);
  if (channels_ == 1) return ring_.write({samples, frames});
  std::array<float, 256> mono;
  for (std::size_t done = 0; done < frames;) {
    const std::size_t count = std::min(mono.size(), frames - done);
    for (std::size_t i = 0; i < count; ++i) {
      const float* frame = samples + (done + i) * channels_;
      float sum = 0;
      for (int c = 0; c < channels_; ++c) sum += frame[c];
      mono[i] = sum / static_cast<float>(channels_);
    }
    ring_.write({mono.data(), count});
    done += count;
  }
}

}  // namespace visema
