#pragma once

#include <filesystem>
#include <memory>
#include <string_view>

#include "visema/audio/pcm_decoder.h"
#include "visema/audio/sound_input.h"
#include "visema/core/socket.h"

namespace visema {

/// Where raw sound comes from, and what it is.
struct PcmSource {
  enum class Kind { kPath, kListen, kConnect };
  Kind kind = Kind::kPath;
  std::filesystem::path path;  // file, FIFO, or - for standard input
  SocketAddress address;
  PcmFormat format = PcmFormat::kS16;
  int rate_hz = 24000;
  int channels = 1;
  bool ends_with_writer = false;  // a FIFO: it does not wait for the next one

  /// pcm:FORMAT:RATE:CHANNELS:PATH, tcp://HOST:PORT or unix:PATH, these two with
  /// ?format=s16le&rate=24000&channels=1&mode=listen. Throws Error(kUsage).
  static PcmSource parse(std::string_view text);
};

/// Raw sound from a file, FIFO, standard input or socket, cut anywhere, read by a thread of its
/// own. What comes faster than it is used is buffered up to 30 s; beyond that it is not read, so
/// that the sender waits. A listening socket serves one peer after the other, a connecting one
/// tries again, a FIFO waits for the next writer unless told otherwise: these never end. clear()
/// also forgets what the system holds, and ends a file.
class PcmStream final : public SoundInput {
 public:
  /// Throws Error(kUsage, kInput).
  explicit PcmStream(const PcmSource& source);
  ~PcmStream() override;

  int rate_hz() const override;
  int channels() const override;
  std::size_t available() const override;
  std::size_t read(std::span<float> out, std::chrono::milliseconds patience) override;
  bool ended() const override;
  void clear() override;
  SoundInputStatistics statistics() const override;
  /// The port of a listening TCP socket.
  int port() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace visema
