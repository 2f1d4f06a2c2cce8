#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "visema/audio/mfcc.h"
#include "visema/core/image.h"
#include "visema/core/landmark_frame.h"
#include "visema/evaluation/lse.h"
#include "visema/evaluation/syncnet_crop.h"
#include "visema/models/syncnet_network.h"

namespace visema {

/// syncnet.*: LSE-D and LSE-C of a video by the published SyncNet, as its authors' program takes
/// them: frames at 25 a second, the windows of five frames that begin with each frame but the last
/// five, and the sound that begins with it. First all of the sound, then the pictures. Windows in
/// which a face is missing do not count. Keeps seven pictures, twelve crops and 5 kB a second of
/// sound. One thread at a time.
class SyncnetMeter {
 public:
  /// SyncNet::embed_mouth and embed_speech.
  using EmbedMouth = std::function<std::vector<float>(std::span<const std::uint8_t> rgb)>;
  using EmbedSpeech = std::function<std::vector<float>(std::span<const float> mfcc)>;

  /// The network must outlive it.
  explicit SyncnetMeter(const SyncNet& network);
  SyncnetMeter(EmbedMouth embed_mouth, EmbedSpeech embed_speech);

  /// 16 kHz mono.
  void push_sound(std::span<const float> samples);
  /// Frames in order, times on the sound's clock, any rate: the nearest to each moment of the 25
  /// frames a second is taken. mesh: null when there is no face.
  void push_picture(double time_s, std::shared_ptr<const Image> picture, const FaceMesh* mesh);
  void finish();

  /// Nothing without a window.
  std::optional<LipSyncError::Result> result() const { return error_.result(); }

 private:
  struct Frame {
    double time_s = 0;
    std::shared_ptr<const Image> picture;
    std::optional<SyncnetFace> face;
  };
  void put(const Frame& frame);
  void end_run();
  void crop_next();
  void embed_mouths(std::int64_t count);
  void embed_speech(std::int64_t fewest);

  EmbedMouth embed_mouth_;
  EmbedSpeech embed_speech_;
  LipSyncError error_;
  Mfcc mfcc_;
  std::int64_t samples_ = 0;
  std::int64_t next_speech_ = 0;
  std::optional<Frame> last_;
  std::int64_t next_moment_ = 0;
  // The moments in a row with a face: a few that were cropped, then those that were not.
  std::vector<SyncnetFace> cropped_;
  std::deque<Frame> waiting_;
  std::int64_t first_crop_ = 0;  // moment of crops_
  std::int64_t crops_count_ = 0;
  std::vector<std::uint8_t> crops_;
};

}  // namespace visema
