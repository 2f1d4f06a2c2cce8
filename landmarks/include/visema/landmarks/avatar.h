#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "visema/core/face_cover.h"
#include "visema/core/image.h"
#include "visema/core/landmark_frame.h"
#include "visema/landmarks/speaking_style.h"

namespace visema {

/// A cutout of one source frame that the renderer takes skin, lips and teeth from.
struct AvatarReference {
  Image picture;            // cutout around the face, source resolution
  FaceMesh mesh{};          // pixels of `picture`
  HeadPose pose;            // pixels of `picture`
  float inner_lip_gap = 0;  // canonical units
  FrameIndex frame = -1;    // of the source that it was cut from; -1: not known (read from a file)
};

/// All that depends on the source alone: one face, its rest shape, references, and the frames to
/// play. Saved as a tensor file (docs/formats.md).
struct Avatar {
  bool is_still = true;
  int width = 0;
  int height = 0;
  Rational fps;                             // of the source; 25 for a picture
  Image picture;                            // the picture itself, empty for a video
  std::vector<LandmarkFrame> frames;        // one per source frame, in order
  FaceMesh rest{};                          // canonical, mouth closed and relaxed
  std::vector<AvatarReference> references;  // sorted by inner_lip_gap, at least one
  std::vector<FaceMesh> speech_references;  // canonical faces spread over mouth openness, 1..4
  std::vector<FaceCover> covers;            // of frames with something before the face, in order
  std::vector<SpeakingStyle> styles;        // of a video in which the face speaks, one for each
                                            // speech network that it was compared with
  /// Where the source video's bytes are: a file, and the section of it (0, 0: the whole file).
  std::filesystem::path media_path;
  std::uint64_t media_offset = 0;
  std::uint64_t media_size = 0;
  /// Weight file of a generator that was adapted to this face; empty: it has none of its own.
  std::vector<std::byte> generator;

  std::int64_t frames_without_face() const;
  /// What is before the face in a frame; null: nothing that was noticed.
  const FaceCover* cover_at(FrameIndex frame) const;
};

/// Of a file without a generator of its own, and of one with: programs that know nothing of it
/// refuse the latter.
inline constexpr int kAvatarVersion = 1;
inline constexpr int kAdaptedAvatarVersion = 2;

/// Writes the avatar with the source video inside. Written beside and renamed.
/// Throws Error(kOutput).
void save_avatar(const Avatar& avatar, const std::filesystem::path& path);

/// Throws Error(kInput) for a file that is no avatar, is of another version, or is damaged (its
/// SHA-256 does not agree); the message names the file.
Avatar load_avatar(const std::filesystem::path& path);

}  // namespace visema
