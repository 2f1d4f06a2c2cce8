#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "pack_reader.h"
#include "visema/core/landmark_frame.h"
#include "visema/models/speech_basis.h"
#include "visema/models/speech_encoder.h"

namespace visema::training {

/// Points whose distance validation measures: both lip contours.
inline constexpr int kMeasuredPoints = 40;

/// A clip with its own sound, as the speech network sees it.
struct SpeechClip {
  std::string id;
  std::string source;
  std::int64_t person = 0;
  double weight = 1;
  std::vector<float> mel;            // M * 80
  std::vector<std::uint8_t> active;  // M
  std::vector<float> encoded;        // L * kEncodedWidth, of SpeechEncoder, or empty
  std::vector<float> time_s;         // T
  std::vector<float> file_time_s;    // T, before the picture was moved to its sound
  float moved_s = 0;                 // by how much, to be earlier
  std::vector<std::uint8_t> valid;   // T
  std::vector<float> lower;          // T * lower.count, coefficients of the offset from rest
  std::vector<float> upper;          // T * upper.count
  std::vector<float> gap;            // T, real opening of the inner lips, canonical units
  FaceMesh rest{};
  float rest_gap = 0;
  std::vector<float> lips;  // T * 40 * 3 real offsets; validation clips only

  /// Moves the picture to be `seconds` earlier than in the file.
  void move(float seconds) {
    moved_s = seconds;
    for (std::size_t i = 0; i < time_s.size(); ++i) time_s[i] = file_time_s[i] - seconds;
  }

  std::int64_t frames() const { return static_cast<std::int64_t>(time_s.size()); }
  std::int64_t encoded_rows() const {
    return static_cast<std::int64_t>(encoded.size()) / kEncodedWidth;
  }
  std::int64_t mel_frames() const { return static_cast<std::int64_t>(active.size()); }
};

struct SpeechSet {
  std::vector<SpeechClip> clips;
  std::vector<std::vector<std::size_t>> clips_of_person;
  FaceMesh mean_rest{};
  bool encoded = false;  // the clips have the features of a SpeechEncoder
  double minutes() const;
};

/// Whether the clips' features of a SpeechEncoder are loaded; the pack must have them then.
enum class Encoded { kLeave, kLoad };

/// The clips of one split that have their own sound, without those too short to use.
SpeechSet load_speech_set(PackReader& pack, const SpeechBasis& basis, bool training,
                          Encoded encoded = Encoded::kLeave);

/// Of the encoder's features over all clips of a set that has them.
struct EncodedStatistics {
  std::vector<float> mean;
  std::vector<float> scale;  // 1 / deviation
};
EncodedStatistics encoded_statistics(const SpeechSet& set);

/// d gap / d coefficient of the lower basis.
std::vector<float> lip_gap_row(const BasisPart& lower);
/// The contour points of one mesh-shaped row or offset [478 * 3], to out[40 * 3].
void copy_measured_points(const float* mesh, float* out);

}  // namespace visema::training
