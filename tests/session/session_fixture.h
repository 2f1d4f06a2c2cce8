#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <string>
#include <vector>

#include "visema/core/image.h"
#include "visema/media/video_reader.h"
#include "visema/session/render.h"

namespace visema::session {

inline const std::filesystem::path kData = VISEMA_SOURCE_DIR "/../shared/data";

/// The models that the build converted and the weights that are committed.
inline ModelPaths built_models() {
  const std::filesystem::path share = VISEMA_BINARY_DIR "/share/visema";
  return {share / "models", share / "weights"};
}

/// A folder of its own for each test, removed with it.
class ScratchTest : public testing::Test {
 protected:
  void SetUp() override {
    const auto* info = testing::UnitTest::GetInstance()->current_test_info();
    folder_ = std::filesystem::temp_directory_path() /
              ("visema-" + std::string(info->name()) + "-" + std::to_string(getpid()));
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path folder_;
};

class SessionTest : public ScratchTest {
 protected:
  void SetUp() override {
    ScratchTest::SetUp();
    if (!std::filesystem::exists(built_models().models / "face_mesh.safetensors"))
      GTEST_SKIP() << "the face networks are not set up: run make build";
    if (!std::filesystem::exists(built_models().weights / "renderer.safetensors"))
      GTEST_SKIP() << "no renderer weights beside the build";
  }

  /// Skips the test when the shared clips are not there.
  static bool has(const std::filesystem::path& path) { return std::filesystem::exists(path); }

  RenderOptions options(const std::filesystem::path& source, const std::filesystem::path& audio,
                        const std::string& out = "out.mp4") const {
    RenderOptions result;
    result.source = source;
    result.audio = audio;
    result.out = folder_ / out;
    result.models = built_models();
    return result;
  }
};

inline std::vector<VideoFrame> all_frames(const std::filesystem::path& path) {
  std::vector<VideoFrame> frames;
  VideoReader reader(path);
  while (auto frame = reader.read()) frames.push_back(std::move(*frame));
  return frames;
}

/// 16-bit mono WAV file of the samples.
void write_wav(const std::filesystem::path& path, const std::vector<float>& samples, int rate_hz);

/// Pearson's r; 0 when one side does not vary.
double correlation(const std::vector<double>& a, const std::vector<double>& b);

}  // namespace visema::session
