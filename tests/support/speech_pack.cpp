#include "speech_pack.h"

#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "visema/core/landmark_frame.h"
#include "visema/models/speech_encoder.h"
#include "visema/models/tensor_file.h"

namespace visema::test {
namespace {

constexpr int kClips = 6;
constexpr int kFrames = 50;
constexpr int kMelFrames = 160;
constexpr int kEncodedRows = (kMelFrames - 1) * 200 / kEncodedHop + 2;
constexpr int kMouthSide = 48;
constexpr int kNumbers = kMeshPoints * 3;
constexpr std::uint16_t kUpperLip[] = {13, 82, 312};
constexpr std::uint16_t kLowerLip[] = {14, 87, 317};

/// Row 0 opens the inner lips, the others are single coordinates of points nobody measures.
std::vector<float> rows(int count, int first_point) {
  std::vector<float> values(static_cast<std::size_t>(count) * kNumbers, 0.0F);
  for (int k = 0; k < count; ++k) values[k * kNumbers + (first_point + k) * 3] = 1;
  return values;
}

std::vector<float> lower_rows() {
  std::vector<float> values = rows(kTestLower, 200);
  values[200 * 3] = 0;
  const float part = 1 / std::sqrt(6.0F);
  for (const std::uint16_t p : kUpperLip) values[p * 3 + 1] = -part;
  for (const std::uint16_t p : kLowerLip) values[p * 3 + 1] = part;
  return values;
}

/// A ring of points around a closed mouth.
std::vector<float> spread_points() {
  std::vector<float> values;
  for (int i = 0; i < kMeshPoints; ++i) {
    const float angle = static_cast<float>(i) * 0.7F;
    values.insert(values.end(), {0.7F * std::cos(angle), 0.3F + 0.7F * std::sin(angle), 0.2F});
  }
  for (const std::uint16_t p : kUpperLip) values[p * 3 + 1] = 0.3F;
  for (const std::uint16_t p : kLowerLip) values[p * 3 + 1] = 0.3F;
  return values;
}

double loudness(int clip, double seconds) {
  return 0.5 + 0.5 * std::sin(2 * M_PI * (1.3 + 0.2 * clip) * seconds + clip);
}

std::vector<std::uint16_t> to_half(const std::vector<float>& values) {
  std::vector<std::uint16_t> half;
  for (const float value : values) half.push_back(float_to_half(value));
  return half;
}

struct Clip {
  std::vector<float> time, rest = std::vector<float>(kNumbers, 0.0F);
  std::vector<std::uint16_t> mesh, mel, encoded;
  std::vector<std::uint8_t> mouth;
  std::vector<std::uint8_t> valid = std::vector<std::uint8_t>(kFrames, 1);
  std::vector<std::uint8_t> active = std::vector<std::uint8_t>(kMelFrames, 1);

  Clip(int number, bool spread) {
    if (spread) rest = spread_points();
    const std::vector<float> row = lower_rows();
    std::vector<float> faces, bands;
    for (int i = 0; i < kFrames; ++i) {
      time.push_back(static_cast<float>(i) / 25);
      const auto open = static_cast<float>(0.2 * loudness(number, time.back()));
      for (int n = 0; n < kNumbers; ++n) faces.push_back(rest[n] + open * row[n]);
      for (int p = 0; p < kMouthSide * kMouthSide; ++p)
        mouth.push_back(std::abs(p / kMouthSide - kMouthSide / 2) < 60 * open ? 40 : 180);
    }
    for (int k = 0; k < kMelFrames; ++k) {
      const double loud = loudness(number, k / 80.0);
      for (int b = 0; b < 80; ++b)
        bands.push_back(static_cast<float>(b < 20 ? -3 + 5 * loud : -3 + 0.2 * (b % 5)));
    }
    std::vector<float> features;
    for (int k = 0; k < kEncodedRows; ++k)
      for (int i = 0; i < kEncodedWidth; ++i)
        features.push_back(static_cast<float>(
            i % 9 == 0 ? 6 * loudness(number, k * kEncodedHop / 16000.0) : i % 5 - 3));
    encoded = to_half(features);
    mesh = to_half(faces);
    mel = to_half(bands);
  }
};

}  // namespace

ScratchFolder::ScratchFolder() {
  static std::atomic<int> number = 0;
  const auto now = std::chrono::steady_clock::now().time_since_epoch().count();
  path_ = std::filesystem::temp_directory_path() /
          ("visema-speech-test-" + std::to_string(now) + "-" + std::to_string(number++));
  std::filesystem::create_directories(path_);
}

ScratchFolder::~ScratchFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

void write_speech_pack(const std::filesystem::path& folder, const SpeechPackOptions& options) {
  std::filesystem::create_directories(folder);
  const std::vector<float> lower = lower_rows();
  const std::vector<float> upper = rows(kTestUpper, 300);
  const std::vector<float> lower_std(kTestLower, 0.07F);
  const std::vector<float> upper_std(kTestUpper, 0.05F);
  write_tensor_file(folder / "basis.safetensors",
                    {{"lower", view_of(lower, {kTestLower, kMeshPoints, 3})},
                     {"upper", view_of(upper, {kTestUpper, kMeshPoints, 3})},
                     {"lower_std", view_of(lower_std, {kTestLower})},
                     {"upper_std", view_of(upper_std, {kTestUpper})}});

  std::vector<Clip> clips;
  std::map<std::string, Tensor> tensors;
  nlohmann::json list = {{"version", 1}, {"basis", "basis.safetensors"}, {"sha256", "0"}};
  for (int c = 0; c < kClips; ++c) clips.emplace_back(c, options.spread);
  for (int c = 0; c < kClips; ++c) {
    const std::string id = "made/" + std::to_string(c);
    const Clip& clip = clips[c];
    tensors[id + "/time"] = view_of(clip.time, {kFrames});
    tensors[id + "/mesh"] = view_of_half(clip.mesh, {kFrames, kMeshPoints, 3});
    tensors[id + "/mouth"] = view_of(clip.mouth, {kFrames, kMouthSide, kMouthSide});
    tensors[id + "/valid"] = view_of(clip.valid, {kFrames});
    tensors[id + "/rest"] = view_of(clip.rest, {kMeshPoints, 3});
    tensors[id + "/mel"] = view_of_half(clip.mel, {kMelFrames, 80});
    if (options.encoded)
      tensors[id + "/encoded"] = view_of_half(clip.encoded, {kEncodedRows, kEncodedWidth});
    tensors[id + "/active"] = view_of(clip.active, {kMelFrames});
    list["clips"].push_back({{"id", id},
                             {"source", "made"},
                             {"person", "person" + std::to_string(c)},
                             {"split", c + 1 < kClips ? "train" : "val"},
                             {"sound", "own"},
                             {"shard", "clips-000.safetensors"},
                             {"frames", kFrames},
                             {"crops", 0},
                             {"fps", 25.0},
                             {"weight", 1.0}});
  }
  write_tensor_file(folder / "clips-000.safetensors", tensors);
  std::ofstream(folder / "pack.json") << list.dump();
}

}  // namespace visema::test
