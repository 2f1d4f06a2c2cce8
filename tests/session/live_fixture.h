#pragma once

#include <memory>
#include <optional>
#include <thread>

#include "live_session.h"
#include "session_fixture.h"

namespace visema::session {

/// Waits for a condition, long enough for a busy machine.
template <typename Condition>
bool becomes(Condition condition) {
  using namespace std::chrono_literals;
  const auto end = std::chrono::steady_clock::now() + 60s;
  while (std::chrono::steady_clock::now() < end) {
    if (condition()) return true;
    std::this_thread::sleep_for(2ms);
  }
  return false;
}

/// Sound that comes in pieces of random size; seed 0: as asked for.
class CutSound final : public SoundInput {
 public:
  CutSound(AudioBlock sound, unsigned seed);
  int rate_hz() const override { return sound_.rate_hz; }
  int channels() const override { return sound_.channels; }
  std::size_t available() const override { return left(); }
  std::size_t read(std::span<float> out, std::chrono::milliseconds patience) override;
  bool ended() const override { return left() == 0; }
  void clear() override { taken_ = sound_.samples.size(); }
  SoundInputStatistics statistics() const override { return {}; }

 private:
  std::size_t left() const {
    return (sound_.samples.size() - taken_) / static_cast<std::size_t>(sound_.channels);
  }
  const AudioBlock sound_;
  unsigned seed_;
  std::size_t taken_ = 0;
};

class LiveSessionTest : public SessionTest {
 protected:
  static const std::filesystem::path kPortrait;
  void SetUp() override;

  /// A file with the first seconds of real speech.
  std::filesystem::path speech(double seconds) const;
  /// A file's sound; rate 0: its own.
  static AudioBlock samples_of(const std::filesystem::path& path, int rate_hz = 0);

  static LiveSessionOptions session_options(const SoundInput& input);
  Presenter& presenter(const LiveSessionOptions& is);
  LiveReport run(SoundInput& input, const LiveSessionOptions& is, LiveSession::Sink sink);
  /// Opening of the mouth in a picture, canonical units.
  static float lip_gap(const Image& picture);

  std::unique_ptr<PresenterNetworks> networks_;
  std::unique_ptr<Presenter> presenter_;
};

}  // namespace visema::session
