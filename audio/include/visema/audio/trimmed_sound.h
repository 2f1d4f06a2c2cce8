#pragma once

#include <deque>
#include <memory>
#include <mutex>
#include <vector>

#include "visema/audio/sound_input.h"

namespace visema {

/// The sound of a sender in real time without the delay that stays when it has stalled and caught
/// up, or when its clock is the faster one: while more than 0.1 s waits at all times, pauses are
/// shortened, to 0.2 s and the 60 ms before sound. All that is not a pause is passed on as it is,
/// and so is everything of a sender that is not steady.
///
/// A pause is no louder than -40 dB and than four times the quietest 10 ms of the last three
/// seconds.
class TrimmedSound final : public SoundInput {
 public:
  explicit TrimmedSound(std::unique_ptr<SoundInput> source);

  int rate_hz() const override { return source_->rate_hz(); }
  int channels() const override { return source_->channels(); }
  std::size_t available() const override;
  std::size_t read(std::span<float> out, std::chrono::milliseconds patience) override;
  bool ended() const override;
  void clear() override;
  bool waits() const override { return source_->waits(); }
  SoundInputStatistics statistics() const override;

 private:
  struct Piece {  // 10 ms
    std::vector<float> samples;
    bool quiet = false;
  };

  void trim();
  bool look_ahead();
  bool is_quiet(std::span<const float> samples);
  std::size_t take(std::span<float> out);
  void heard(std::size_t frames, bool quiet);
  void watch(std::size_t frames);
  std::size_t waiting() const;

  const std::unique_ptr<SoundInput> source_;
  const std::size_t channels_;
  const std::size_t piece_frames_;

  mutable std::mutex mutex_;
  std::deque<Piece> ahead_;  // read from the source, and looked at
  std::size_t ahead_frames_ = 0;
  std::size_t begun_ = 0;   // frames of the first piece that were taken
  std::size_t excess_ = 0;  // frames that are to be left out
  std::int64_t left_out_ = 0;
  std::size_t quiet_frames_ = 0;  // that were taken last
  // The least that waits in a while:
  std::size_t watched_ = 0;
  std::size_t least_ = 0;
  // The quietest piece of this while and the one before:
  std::size_t measured_ = 0;
  float quietest_ = 0;
  float quietest_before_ = 0;
};

}  // namespace visema
