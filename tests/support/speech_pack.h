#pragma once

#include <filesystem>

namespace visema::test {

inline constexpr int kTestLower = 32;
inline constexpr int kTestUpper = 16;

/// A folder that goes away with the object.
class ScratchFolder {
 public:
  ScratchFolder();
  ~ScratchFolder();
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  std::filesystem::path operator/(const char* name) const { return path_ / name; }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

struct SpeechPackOptions {
  bool spread = false;  // points that do not move lie around the mouth, not all in one place
  bool encoded = true;  // the clips have features of a speech encoder
};

/// A training pack of few clips whose mouths, in points and pictures, open as far as their low mel
/// bands are loud.
void write_speech_pack(const std::filesystem::path& folder, const SpeechPackOptions& options = {});

}  // namespace visema::test
